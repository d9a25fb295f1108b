// The part of a merge that is one transaction on each node: locks, decisions, rows, proof. The first node commits first;
// a merge that ends between the two commits is finished by the next run.

import { readDanglingWithin } from '../catalog/repair/read-dangling.ts';
import { beginMergeRun, noteMergeWritten, type WrittenMerge } from '../metadata/merge-state.ts';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { plural } from '../model/listing.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { DanglingReference } from '../model/report/repair.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { lockTables, type TableKinds } from '../postgres/sql/named-tables.ts';
import { sql } from '../postgres/sql/sql.ts';
import { type ChangedKeys, readChangedKeys } from './changed-keys.ts';
import { readClockSkew } from './clock-skew.ts';
import { withDeadline } from './deadline.ts';
import { type Deciding, decideTable, limitOf } from './decide-table.ts';
import { inLockOrder } from './lock-order.ts';
import { type MergeSessions, type MergeWork, stateOf } from './merge-work.ts';
import {
  assertModified,
  type BothNodes,
  type MergedTable,
  otherSide,
  readMergedTable,
} from './merged-table.ts';
import { separateSequences } from './sequences.ts';
import { writeDecisions } from './write-decisions.ts';

const sides = ['a', 'b'] as const;

/** @param finished what an interrupted merge has committed on the first node; null: nothing. */
export const writeBoth = async (
  finished: WrittenMerge | null,
  sessions: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const { writing } = sessions;
  await withDeadline(work, sessions.all, (checkTime) =>
    writing.b.transaction({}, () =>
      writing.a.transaction({}, async () => {
        await writeLocked(finished, sessions, work);
        checkTime();
      }),
    ),
  );
};

const writeLocked = async (
  finished: WrittenMerge | null,
  sessions: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const { writing } = sessions;
  const names = work.tables.map(({ table }) => table);
  work.progress('waiting for the locks of both nodes');
  const kinds = await lockBoth(writing, work);
  const positions = { a: await positionOf(writing.a), b: await positionOf(writing.b) };
  const tables = await beginTables(sessions, work);
  const decidingWork = await decidingOf(finished, tables, sessions, work);
  for (const [at, table] of tables.entries()) {
    const asked = work.tables[at];
    if (asked === undefined) throw new Error('a table to merge is missing');
    work.progress(`comparing ${formatName(asked.table)} under the locks`);
    const losers = await decideTable(table, asked, sessions, decidingWork);
    if (finished === null) limitOf(asked, losers, work.ends);
  }
  for (const side of sides) {
    for (const table of tables) {
      await writeSide(side, table, kinds, finished !== null, sessions, work);
    }
  }
  await assertReferences(sessions, work, names);
  const left = await separateSequences(writing, names);
  if (left.length > 0) work.progress(`sequences that stay as they are: ${left.join(', ')}`);
  for (const side of sides) {
    await noteMergeWritten(writing[side], {
      runId: work.runId,
      lockedLsn: positions[side],
      peerLsn: positions[otherSide(side)],
    });
  }
};

/**
 * The tables as both nodes have them; the run is on record before its first decision. That commit flushes WAL up to the
 * position of its node: a server that crashed before it would give the same position again, to changes that come later.
 */
const beginTables = async (
  { rows, deciding }: MergeSessions,
  work: MergeWork,
): Promise<readonly MergedTable[]> => {
  const tables: MergedTable[] = [];
  for (const { table, rule } of work.tables) {
    const merged = await readMergedTable(table, rows, work.guard, true);
    assertModified(merged.compared, rule);
    tables.push(merged);
  }
  const names = work.tables.map(({ table }) => table);
  for (const side of sides) {
    await deciding[side].transaction({}, () =>
      beginMergeRun(deciding[side], work.runId, stateOf(work.ends, side), names),
    );
  }
  return tables;
};

/** Reads continue. */
const lockBoth = async (
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
const positionOf = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly lsn: string }>(
    sql`SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS lsn`,
  );
  if (row === undefined) throw new Error('the server has no position');
  return row.lsn;
};

const decidingOf = async (
  finished: WrittenMerge | null,
  tables: readonly MergedTable[],
  { rows }: MergeSessions,
  work: MergeWork,
): Promise<Deciding> => {
  const skewMicros = await readClockSkew(rows);
  const { runId, guard, signal, byHand } = work;
  const common = { runId, guard, signal, byHand, skewMicros };
  if (finished === null) return { ...common, changed: null };
  work.progress('an interrupted merge is finished: reading what was changed since');
  const changedOn = (side: MergeSide, from: string): Promise<ChangedKeys> => {
    // What this node sends is read by the subscription of the other one.
    const { slot, publication } = work.ends[otherSide(side)];
    const onto = tables.map((table) => table.onto[side]);
    return readChangedKeys(rows[side], { slot, publication, from }, onto);
  };
  return {
    ...common,
    changed: {
      a: await changedOn('a', finished.lockedLsn),
      b: await changedOn('b', finished.peerLsn),
    },
  };
};

const writeSide = async (
  side: MergeSide,
  table: MergedTable,
  kinds: Readonly<Record<MergeSide, TableKinds>>,
  deletes: boolean,
  { writing, rows, deciding }: MergeSessions,
  work: MergeWork,
): Promise<void> => {
  const name = formatName(table.compared.table);
  const other = otherSide(side);
  await writeDecisions(table, {
    runId: work.runId,
    side,
    winner: work.ends[other].node,
    session: writing[side],
    kinds: kinds[side],
    source: rows[other],
    sourceKinds: kinds[other],
    decisions: deciding[side],
    deletes,
    signal: work.signal,
    onWritten: ({ inserted, overwritten, deleted }) =>
      work.progress(
        `writing ${name} on node ${work.ends[side].node}: ${plural(inserted + overwritten + deleted, 'row')}`,
      ),
  });
};

/** @throws SteepError MERGE_DANGLING: rows refer to rows that are not there, and did not before. */
const assertReferences = async (
  { writing, rows }: MergeSessions,
  { guardReads, progress }: MergeWork,
  names: readonly QualifiedName[],
): Promise<void> => {
  for (const side of sides) {
    const held = new Set(names.map(formatName));
    const found = await readDanglingWithin(writing[side], names, guardReads, held);
    if (found.length === 0) continue;
    // The other session does not see what is not committed. What the first one holds is not to be locked again.
    const before = await rows[side].transaction({ readOnly: true }, () =>
      readDanglingWithin(rows[side], names, guardReads, held),
    );
    const more = found.filter((it) => (it.rows ?? 0) > rowsOf(it, before));
    if (more.length > 0) throw dangling(writing[side], more);
    for (const { table, constraint } of found.filter(({ rows: count }) => count === null)) {
      progress(`${table}, ${constraint}: not checked, since reading would run code of others`);
    }
  }
};

const rowsOf = (of: DanglingReference, before: readonly DanglingReference[]): number =>
  before.find(({ table, constraint }) => table === of.table && constraint === of.constraint)
    ?.rows ?? 0;

const dangling = ({ node }: Session, found: readonly DanglingReference[]): SteepError =>
  new SteepError(
    'MERGE_DANGLING',
    `Node ${node}: merged rows would refer to rows that are not there: ${found.map(({ table, constraint, rows }) => `${table}, ${constraint}: ${plural(rows ?? 0, 'row')}`).join('; ')}. Nothing was changed on either node.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Add the tables that are referred to to the pair, or insert the missing rows; then run the same command again.',
      ],
    },
  );
