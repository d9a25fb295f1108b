// TRUNCATE of the tables that an initial copy will fill, all in one statement: they may refer to each other.

import { anyColumns, lockAndGuard } from '../../copy/check/code-guard.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { TruncateTables } from '../../model/step/subscription-steps.ts';
import type { Session } from '../../postgres/session.ts';
import { onlyTable } from '../../postgres/sql/named-tables.ts';
import { ddl, join, qualified, sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

const truncate = ({ tables }: TruncateTables) => ddl`TRUNCATE TABLE ${join(tables.map(qualified))}`;

export const truncateTablesExecutor: Executor<TruncateTables> = {
  transactional: true,
  reversible: false,
  lock: () => 'ACCESS EXCLUSIVE',
  sql: (step) => [truncate(step)],
  run: async (step, { session, guard }) => {
    const on = session(step.node);
    await assertForgotten(step, on);
    const kinds = await lockAndGuard(on, guard, ['empty'], anyColumns(step.tables));
    await on.query(
      ddl`TRUNCATE TABLE ${join(step.tables.map((table) => onlyTable(table, kinds)))}`,
    );
  },
};

/** A table that the subscription still knows would be emptied and not copied. @throws SteepError COPY_PUBLICATION_CHANGED */
const assertForgotten = async (
  { node, subscription, tables }: TruncateTables,
  session: Session,
): Promise<void> => {
  const rows = await session.query<QualifiedName>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_subscription_rel AS r ON r.srsubid = s.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE s.subname = ${subscription}
       AND s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
     ORDER BY 1, 2`);
  const emptied = new Set(tables.map(formatName));
  const known = rows.map(formatName).filter((name) => emptied.has(name));
  if (known.length === 0) return;
  throw new SteepError(
    'COPY_PUBLICATION_CHANGED',
    `Node ${node}: subscription ${subscription} still reads ${known.join(', ')}: PostgreSQL would not copy again what is emptied. Nothing was emptied.`,
    {
      suggestions: [
        `Copy the whole subscription again: steep apply --reinit ${node}/subscription.${subscription}`,
      ],
    },
  );
};
