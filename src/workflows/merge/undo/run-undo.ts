// What was agreed to is written back, under the run locks of both nodes, and noted on both as a run.

import { readDangling } from '../../../catalog/repair/read-dangling.ts';
import { tagWrites } from '../../../compare/repair/origin.ts';
import { anyColumns, type CodeGuard, lockAndGuard } from '../../../copy/check/code-guard.ts';
import { type BothNodes, type MergedTable, otherSide } from '../../../merge/merged-table.ts';
import {
  type UndoEnd,
  type UndoKey,
  type UndoneKey,
  undoRows,
} from '../../../merge/undo/undo-rows.ts';
import { endMergeRun, startMergeRun } from '../../../metadata/merge-audit.ts';
import type { UndoneTable, UndoReport } from '../../../model/report/undo.ts';
import type { MergeSide } from '../../../model/state/merge.ts';
import type { LiveState } from '../../../model/state/state.ts';
import { flushCommits } from '../../../postgres/flushed-commits.ts';
import { backoff } from '../../../postgres/retry/passing-failures.ts';
import type { Session } from '../../../postgres/session.ts';
import { sql } from '../../../postgres/sql/sql.ts';
import type { Run } from '../../operation/open-run.ts';
import { mayActAsReplica } from '../../repair/make-repair-plan.ts';
import { edgeFence } from '../../verify/edge-fence.ts';
import type { MergeToUndo } from './find-merge.ts';
import { eachLost, keysOf } from './lost-rows.ts';
import { type MadeUndo, sides } from './make-undo-plan.ts';

/** Short: a worker may wait for a row that this run has locked on the other node, which no server sees as a deadlock. */
const lockTimeoutMs = 1000;

/** Rows that exchange values of unique constraints are tried once more, together: at most so many. */
const mostTogether = 20_000;

export interface UndoScene extends MadeUndo {
  readonly merge: MergeToUndo;
  readonly live: LiveState;
  readonly guard: CodeGuard;
  /** Milliseconds that a row which is locked or changing is tried again. */
  readonly settleMs: number;
  readonly onText: (text: string) => void;
}

export type RanUndo = Pick<UndoReport, 'tables' | 'dangling'>;

/** Safe to run again after any interruption. @throws pg's error where rows cannot be written: what was committed stays. */
export const runUndo = async (scene: UndoScene, run: Run): Promise<RanUndo> => {
  const { merge, tables, guard } = scene;
  const { runId } = run.identity;
  const names = [...tables.values()].map(({ compared }) => compared.table);
  for (const { metadata, address } of [merge.a, merge.b]) {
    await metadata.transaction({}, () =>
      startMergeRun(metadata, { runId, kind: 'repair', address }, names),
    );
  }
  const undone = await withWriters(merge, run, (writers) => undoTables(scene, writers, run));
  const isWhole = undone.every(({ left }) => left === 0);
  for (const { metadata } of [merge.a, merge.b]) {
    await metadata.transaction({}, () =>
      endMergeRun(metadata, runId, isWhole ? 'completed' : 'partial'),
    );
  }
  const dangling: UndoReport['dangling'][number][] = [];
  for (const { node, session } of [merge.a, merge.b]) {
    const found = await readDangling(session, names, (reading, ends) =>
      guard(reading, 'scan', anyColumns(ends)),
    );
    dangling.push(...found.map((it) => ({ node, ...it })));
  }
  return { tables: undone, dangling };
};

/** An interrupt cancels what runs in any of them. */
const withWriters = async <T>(
  { a, b }: MergeToUndo,
  { signal, sleep }: Run,
  body: (writers: BothNodes) => Promise<T>,
): Promise<T> => {
  const writers = { a: await a.session.another(), b: await b.session.another() };
  const both = [writers.a, writers.b];
  const cancel = (): void => {
    for (const session of both) session.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel);
  const untag: (() => Promise<void>)[] = [];
  try {
    for (const session of both) {
      await flushCommits(session);
      untag.push(await tagWrites(session, sleep));
    }
    return await body(writers);
  } finally {
    signal.removeEventListener('abort', cancel);
    for (const end of untag) await end().catch(() => undefined);
    await Promise.allSettled(both.map((session) => session.close()));
  }
};

const undoTables = async (
  scene: UndoScene,
  writers: BothNodes,
  run: Run,
): Promise<readonly UndoneTable[]> => {
  const undone: UndoneTable[] = [];
  for (const side of sides) {
    const planned = scene.plan.tables.filter(({ node }) => node === scene.merge[side].node);
    for (const { table: name, restore } of planned) {
      const table = scene.tables.get(name);
      if (restore === 0 || table === undefined) continue;
      undone.push(await undoTable(new TableUndo(restore), name, table, side, scene, writers, run));
    }
  }
  return undone;
};

/** What has come of the rows of a table so far. */
class TableUndo {
  /** As many as were agreed to. */
  readonly agreed: number;
  restored = 0;
  changed = 0;
  left = 0;
  why: string | null = null;
  inTheWay: UndoKey[] = [];

  constructor(agreed: number) {
    this.agreed = agreed;
  }

  /** Returns what is for later. */
  note(some: readonly UndoneKey[]): readonly UndoneKey[] {
    for (const { key, outcome } of some) {
      if (outcome === 'restored') this.restored += 1;
      else if (outcome === 'changed') this.changed += 1;
      else if (outcome === 'in the way') this.inTheWay.push(key);
      else if (outcome === 'not shown')
        this.leave(1, 'more rows can be written back than was shown');
    }
    return some.filter(({ outcome }) => outcome === 'later');
  }

  leave(rows: number, why: string | null): void {
    this.left += rows;
    this.why ??= why;
  }
}

const undoTable = async (
  done: TableUndo,
  name: string,
  table: MergedTable,
  side: MergeSide,
  scene: UndoScene,
  writers: BothNodes,
  run: Run,
): Promise<UndoneTable> => {
  const { merge, plan, onText } = scene;
  const bring = (keys: readonly UndoKey[]) =>
    undoKeys(keys, done, table, side, scene, writers, run);
  await eachLost(merge[side], plan.mergeRun, [name], async (_name, rows) => {
    run.signal.throwIfAborted();
    await bring(keysOf(table, rows));
    onText(`Writing back ${name}: ${done.restored} rows`);
  });
  const together = done.inTheWay;
  done.inTheWay = [];
  if (together.length > 0 && together.length <= mostTogether) await bring(together);
  else done.inTheWay = together;
  done.leave(done.inTheWay.length, done.inTheWay.length === 0 ? null : takenWhy);
  const { restored, changed, left, why } = done;
  return { table: name, node: merge[side].node, restored, changed, left, why };
};

const takenWhy =
  'a row that stays has a value that a unique or exclusion constraint allows only once';

/** Until none of them is locked or on its way, or the time is over. */
const undoKeys = async (
  keys: readonly UndoKey[],
  done: TableUndo,
  table: MergedTable,
  side: MergeSide,
  { plan, merge, settleMs, guard, live }: UndoScene,
  writers: BothNodes,
  { identity: { runId }, runtime: { clock }, sleep, signal }: Run,
): Promise<void> => {
  const other = otherSide(side);
  const deadline = clock() + settleMs;
  const fence = edgeFence(
    { session: merge[other].session, slot: merge.slots[other] },
    { session: merge[side].session, slot: merge.slots[side] },
    { clock, sleep },
  );
  const endOf = (of: MergeSide): UndoEnd => ({
    session: writers[of],
    begin: () => begin(writers[of], table, guard, mayActAsReplica(live, merge[of].node)),
  });
  const work = {
    runId,
    rule: `undo of ${plan.mergeRun}`,
    ends: { a: endOf('a'), b: endOf('b') },
    loser: side,
    fence,
    deadline,
  };
  let pending = keys;
  for (let attempt = 0; pending.length > 0; attempt += 1) {
    signal.throwIfAborted();
    const some = await undoRows(pending, table, work, done.agreed - done.restored);
    const later = done.note(some);
    if (clock() >= deadline) return done.leave(later.length, later[0]?.why ?? null);
    pending = later.map(({ key }) => key);
    if (pending.length > 0) await sleep(backoff(attempt));
  }
};

const begin = async (
  session: Session,
  { compared }: MergedTable,
  guard: CodeGuard,
  replicaRole: boolean,
) => {
  await session.query(
    sql`SELECT pg_catalog.set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`,
  );
  if (replicaRole) {
    await session.query(
      sql`SELECT pg_catalog.set_config('session_replication_role', 'replica', true)`,
    );
  }
  return lockAndGuard(
    session,
    guard,
    ['fill', 'write', 'scan'],
    [{ name: compared.table, columns: compared.columns }],
  );
};
