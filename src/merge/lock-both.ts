// The locks of a merge, and the positions that they stand for.

import { beginMergeRun, noteMergeLocked } from '../metadata/merge-state.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { lockTables, type TableKinds } from '../postgres/sql/named-tables.ts';
import { sql } from '../postgres/sql/sql.ts';
import { inBoth } from './in-both.ts';
import { inLockOrder } from './lock-order.ts';
import { type MergeSessions, type MergeWork, stateOf } from './merge-work.ts';
import type { BothNodes } from './merged-table.ts';

/** Reads continue. */
export const lockBoth = async (
  writing: BothNodes,
  { tables, lockTimeoutMs }: MergeWork,
): Promise<Readonly<Record<MergeSide, TableKinds>>> => {
  const names = tables.map(({ table }) => table);
  const lock = async (session: Session): Promise<TableKinds> => {
    await session.query(sql`
      SELECT pg_catalog.set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true),
             pg_catalog.set_config('session_replication_role', 'replica', true)`);
    return lockTables(session, await inLockOrder(session, names), 'EXCLUSIVE');
  };
  return { a: await lock(writing.a), b: await lock(writing.b) };
};

/** All that was committed to the locked tables is before it, and all that will be is after it. */
export const positionOf = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly lsn: string }>(
    sql`SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn`,
  );
  if (row === undefined) throw new Error('the server has no position');
  return row.lsn;
};

/**
 * A commit on both nodes, after their positions were read: it flushes WAL up to the position of its node. A server that
 * crashed before it would give the same position again, to changes that come later. What is flushed can be decoded, too.
 */
export const noteLocked = async (
  staged: boolean,
  { deciding }: MergeSessions,
  { runId, ends, tables }: MergeWork,
): Promise<void> => {
  const names = tables.map(({ table }) => table);
  await inBoth(async (side) => {
    const session = deciding[side];
    const begin = () => beginMergeRun(session, runId, stateOf(ends, side), names);
    await (staged ? noteMergeLocked(session, runId) : session.transaction({}, begin));
  });
};
