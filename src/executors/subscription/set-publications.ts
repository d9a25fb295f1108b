// ALTER SUBSCRIPTION … SET PUBLICATION without its implicit refresh, which copies data by default.

import type { SetPublications } from '../../model/step/subscription-steps.ts';
import type { Executor } from '../executor.ts';
import { setPublicationsSql } from './subscription-sql.ts';

export const setPublicationsExecutor: Executor<SetPublications> = {
  transactional: true,
  reversible: true,
  sql: (step) => [setPublicationsSql(step.subscription, step.publications)],
};
