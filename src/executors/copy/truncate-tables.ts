// TRUNCATE of the tables that an initial copy will fill, all in one statement: they may refer to each other.

import { anyColumns, lockAndGuard } from '../../copy/check/code-guard.ts';
import type { TruncateTables } from '../../model/step/subscription-steps.ts';
import { onlyTable } from '../../postgres/sql/named-tables.ts';
import { ddl, join, qualified } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

const truncate = ({ tables }: TruncateTables) => ddl`TRUNCATE TABLE ${join(tables.map(qualified))}`;

export const truncateTablesExecutor: Executor<TruncateTables> = {
  transactional: true,
  reversible: false,
  lock: () => 'ACCESS EXCLUSIVE',
  sql: (step) => [truncate(step)],
  run: async (step, { session, guard }) => {
    const on = session(step.node);
    const kinds = await lockAndGuard(on, guard, ['empty'], anyColumns(step.tables));
    await on.query(
      ddl`TRUNCATE TABLE ${join(step.tables.map((table) => onlyTable(table, kinds)))}`,
    );
  },
};
