// Empties a table that a copy has filled, in one transaction with its rows of the ledger.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import { sqlState } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, qualified, type Sql, sql } from '../postgres/sql.ts';
import { anyColumns, type CodeGuard, lockAndGuard } from './code-guard.ts';
import { forgetTable, readCopiedTables } from './ledger.ts';

export interface Emptying {
  /** Under which the ledger has its rows. */
  readonly subscription: string;
  readonly guard: CodeGuard;
}

/** TRUNCATE refuses a table that foreign keys of others refer to; a session that checks none may delete its rows. */
const featureNotSupported = '0A000';

export const emptyTable = async (
  session: Session,
  emptying: Emptying,
  table: QualifiedName,
): Promise<void> => {
  try {
    await emptyBy(await truncateOf(session, table), session, emptying, table);
  } catch (error) {
    if (sqlState(error) !== featureNotSupported) throw error;
    await emptyBy(ddl`DELETE FROM ${qualified(table)}`, session, emptying, table);
  }
};

/** Empties the table where the ledger has rows of it; rows of a table that it does not have are none of the copy. */
export const emptyCopied = async (
  session: Session,
  emptying: Emptying,
  table: QualifiedName,
): Promise<void> => {
  const copied = await readCopiedTables(session, emptying.subscription);
  const wanted = formatName(table);
  if (copied.some((name) => formatName(name) === wanted)) {
    await emptyTable(session, emptying, table);
  }
};

async function emptyBy(
  statement: Sql | null,
  session: Session,
  { subscription, guard }: Emptying,
  table: QualifiedName,
): Promise<void> {
  await session.transaction({}, async () => {
    if (statement !== null) {
      await lockAndGuard(session, guard, 'empty', anyColumns([table]));
      await session.query(statement);
    }
    await forgetTable(session, subscription, table);
  });
}

/**
 * Children by inheritance are tables of their own; of a partitioned table the partitions hold the rows. Null: it is not
 * there any more.
 */
async function truncateOf(session: Session, table: QualifiedName): Promise<Sql | null> {
  const [row] = await session.query<{ readonly partitioned: boolean }>(sql`
    SELECT c.relkind = 'p' AS partitioned
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = ${table.schema} AND c.relname = ${table.name}`);
  if (row === undefined) return null;
  return row.partitioned
    ? ddl`TRUNCATE ${qualified(table)}`
    : ddl`TRUNCATE ONLY ${qualified(table)}`;
}
