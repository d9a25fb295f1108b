// TRUNCATE of the tables that an initial copy will fill, all in one statement: they may refer to each other.

import { readLockedWithRows } from '../../catalog/objects/read-rows.ts';
import { anyColumns, lockAndGuard } from '../../copy/check/code-guard.ts';
import { forgetVerification } from '../../metadata/verifications.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { listNames } from '../../model/listing.ts';
import { addressOf } from '../../model/state/address.ts';
import type { TruncateTables } from '../../model/step/subscription-steps.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables, onlyTable } from '../../postgres/sql/named-tables.ts';
import { ddl, join, qualified, sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

/** ONLY where it matters: of a partitioned table PostgreSQL refuses it. */
const truncate = ({ tables, parents = [] }: TruncateTables) => {
  const kept = new Set(parents.map(formatName));
  const named = tables.map((table) =>
    kept.has(formatName(table)) ? ddl`ONLY ${qualified(table)}` : qualified(table),
  );
  return ddl`TRUNCATE TABLE ${join(named)}`;
};

/** Its workers would continue with emptied tables, and rows of before would never come again. */
const assertForgotten = async (step: TruncateTables, session: Session): Promise<void> => {
  const { node, subscription } = step;
  const tables = refilled(step);
  const schemas = tables.map(({ schema }) => schema);
  const names = tables.map(({ name }) => name);
  const rows = await session.query<QualifiedName>(sql`
    WITH emptied AS (
      SELECT pg_catalog.to_regclass(pg_catalog.format('%I.%I', t.schema, t.name)) AS oid
        FROM ROWS FROM (pg_catalog.unnest(${schemas}::text[]), pg_catalog.unnest(${names}::text[])) AS t (schema, name))
    SELECT n.nspname AS schema, c.relname AS name
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_subscription_rel AS r ON r.srsubid = s.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE s.subname = ${subscription}
       AND c.oid IN (SELECT e.oid FROM emptied AS e
                      UNION ALL
                     SELECT p.relid FROM emptied AS e CROSS JOIN LATERAL pg_catalog.pg_partition_tree(e.oid) AS p)
     ORDER BY 1, 2`);
  const known = rows.map(formatName);
  if (known.length === 0) return;
  throw new SteepError(
    'TABLES_STILL_SUBSCRIBED',
    `Node ${node}: subscription ${subscription} receives ${listNames(known)}, so emptying them now would lose their rows. Nothing was emptied.`,
    {
      suggestions: [
        `Do not change subscription ${subscription} while its tables are copied again.`,
        'Run the same command again: it makes a new plan.',
      ],
    },
  );
};

/** No session adds rows until the transaction ends. */
const assertNoRows = async (
  { node, onlyIfEmpty = [] }: TruncateTables,
  session: Session,
): Promise<void> => {
  await lockTables(session, onlyIfEmpty, 'EXCLUSIVE');
  const filled = [...(await readLockedWithRows(session, onlyIfEmpty)).keys()];
  if (filled.length === 0) return;
  throw new SteepError(
    'TABLES_NOT_EMPTY',
    `Node ${node}: ${listNames(filled)} ${filled.length === 1 ? 'refers' : 'refer'} to tables that would be emptied, and had to be empty for that; now there are rows, or they cannot be read. Nothing was emptied.`,
    { suggestions: ['Run the same command again: it makes a new plan, which says what to do.'] },
  );
};

/** Those that get their rows again. */
const refilled = ({ tables, onlyIfEmpty = [] }: TruncateTables): readonly QualifiedName[] => {
  const kept = new Set(onlyIfEmpty.map(formatName));
  return tables.filter((table) => !kept.has(formatName(table)));
};

export const truncateTablesExecutor: Executor<TruncateTables> = {
  transactional: true,
  reversible: false,
  lock: () => 'ACCESS EXCLUSIVE',
  sql: (step) => [truncate(step)],
  note: ({ onlyIfEmpty = [] }) =>
    onlyIfEmpty.length === 0
      ? []
      : [
          `only if ${listNames(onlyIfEmpty.map(formatName))} ${onlyIfEmpty.length === 1 ? 'holds' : 'hold'} no rows when it runs; otherwise nothing is emptied`,
        ],
  run: async (step, { session, guard }) => {
    const on = session(step.node);
    const kinds = await lockAndGuard(on, guard, ['empty'], anyColumns(step.tables));
    await assertNoRows(step, on);
    await on.query(
      ddl`TRUNCATE TABLE ${join(step.tables.map((table) => onlyTable(table, kinds)))}`,
    );
    // Under the lock of TRUNCATE: no worker can begin with them before this transaction has ended.
    if (step.forgotten === true) await assertForgotten(step, on);
  },
  finish: async (step, { metadata }) => {
    const address = addressOf(step.node, 'subscription', step.subscription);
    await forgetVerification(metadata(step.node), address, refilled(step));
    return {};
  },
};
