// ALTER SUBSCRIPTION … SET PUBLICATION without its implicit refresh, which copies data by default.

import { readKnownTables } from '../../catalog/copies/read-known-tables.ts';
import type { SetPublications } from '../../model/step/subscription-steps.ts';
import type { Executor } from '../executor.ts';
import { setPublicationsSql } from './subscription-sql.ts';

export const setPublicationsExecutor: Executor<SetPublications> = {
  transactional: true,
  reversible: true,
  sql: (step) => [setPublicationsSql(step.subscription, step.publications)],
  // The REFRESH that follows may take in and leave out others than planned, and its run may be killed before it says so.
  finish: async (step, context) =>
    step.aside === true
      ? { knownTables: await readKnownTables(context.session(step.node), step.subscription) }
      : {},
};
