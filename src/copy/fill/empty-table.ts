// Empties a table that a copy has filled, in one transaction with its rows of the copy checkpoints.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { TableUse } from '../../model/state/foreign-code.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { onlyTable } from '../../postgres/sql/named-tables.ts';
import { ddl, type Sql, sql } from '../../postgres/sql/sql.ts';
import { anyColumns, type CodeGuard, lockAndGuard } from '../check/code-guard.ts';
import { forgetTable, readCopiedTables } from './chunk-checkpoints.ts';

export interface Emptying {
  /** Under which the copy checkpoints have its rows. */
  readonly subscription: string;
  readonly guard: CodeGuard;
}

/** TRUNCATE refuses a table that foreign keys of others refer to; a session that checks none may delete its rows. */
const featureNotSupported = '0A000';

/** What belongs to the table alone: children by inheritance are tables of their own, and keep their rows. */
export const emptyTable = async (
  session: Session,
  emptying: Emptying,
  table: QualifiedName,
): Promise<void> => {
  try {
    await emptyBy('TRUNCATE', session, emptying, table);
  } catch (error) {
    if (sqlState(error) !== featureNotSupported) throw error;
    await emptyBy('DELETE', session, emptying, table);
  }
};

/**
 * Empties the table where the copy checkpoints have rows of it; rows of a table that it does not have are none of the
 * copy.
 */
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

/** To plan a DELETE folds the expressions of indexes, as to plan a SELECT does. */
const usesOf: Readonly<Record<Way, readonly TableUse[]>> = {
  TRUNCATE: ['empty'],
  DELETE: ['empty', 'scan'],
};

type Way = 'TRUNCATE' | 'DELETE';

async function emptyBy(
  way: Way,
  session: Session,
  { subscription, guard }: Emptying,
  table: QualifiedName,
): Promise<void> {
  await session.transaction({}, async () => {
    if (await isThere(session, table)) {
      const kinds = await lockAndGuard(session, guard, usesOf[way], anyColumns([table]));
      const rows = onlyTable(table, kinds);
      await session.query(way === 'TRUNCATE' ? ddl`TRUNCATE ${rows}` : ddl`DELETE FROM ${rows}`);
      if (way === 'DELETE') await assertEmptied(session, table, rows);
    }
    await forgetTable(session, subscription, table);
  });
}

/** Also as something else than a table, which is refused later. */
async function isThere(session: Session, { schema, name }: QualifiedName): Promise<boolean> {
  const rows = await session.query(sql`
    SELECT FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = ${schema} AND c.relname = ${name}`);
  return rows.length > 0;
}

/** A rule or a trigger can keep rows, and a copy would bring them a second time. */
async function assertEmptied(session: Session, table: QualifiedName, rows: Sql): Promise<void> {
  const [found] = await session.query<{ readonly filled: boolean }>(
    sql`SELECT EXISTS (SELECT FROM ${rows}) AS filled`,
  );
  if (found?.filled !== true) return;
  throw new SteepError(
    'COPY_NOT_EMPTIED',
    `Node ${session.node}: DELETE has left rows in ${formatName(table)}, because a rule or a trigger of the table keeps them, or because another session writes to the table. Nothing was changed.`,
    {
      suggestions: [
        'Disable the rule or trigger: ALTER TABLE … DISABLE RULE …, or ALTER TABLE … DISABLE TRIGGER …',
        'Stop other sessions from writing to the table, and run the same command again.',
      ],
    },
  );
}
