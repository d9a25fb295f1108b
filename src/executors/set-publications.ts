// ALTER SUBSCRIPTION … SET PUBLICATION without its implicit refresh, which copies data by default.

import type { SetPublications } from '../model/subscription-steps.ts';
import { ddl, ident, join } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

export const setPublications: Executor<SetPublications> = {
  transactional: true,
  reversible: true,
  sql: (step) => [
    ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} SET PUBLICATION ${join(step.publications.map(ident))} WITH (refresh = false)`,
  ],
};
