// TRUNCATE of the tables that a first copy will fill, all in one statement: they may refer to each other.

import type { TruncateTables } from '../model/subscription-steps.ts';
import { ddl, join, qualified } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

export const truncateTables: Executor<TruncateTables> = {
  transactional: true,
  reversible: false,
  lock: () => 'ACCESS EXCLUSIVE',
  sql: (step) => [ddl`TRUNCATE TABLE ${join(step.tables.map(qualified))}`],
};
