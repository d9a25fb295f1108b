// A first copy by steep: every table at the snapshot that this run holds. A failure keeps slot and ledger, from
// which the next run goes on; what was cancelled is taken back when the run ends.

import { readCancelRequested } from '../catalog/read-cancel-requested.ts';
import { copyTables as copyAll } from '../copy/copy-tables.ts';
import { beginCopying } from '../metadata/copy-attempt.ts';
import { noteCopyEnd, noteCopyStart } from '../metadata/copy-measure.ts';
import { moveInit } from '../metadata/init-state.ts';
import { addressOf } from '../model/address.ts';
import { type CopyProgress, describeCopy } from '../model/copy-progress.ts';
import { SteepError } from '../model/errors.ts';
import type { TableProgress } from '../model/event.ts';
import { formatName } from '../model/identifier.ts';
import type { CopyTables } from '../model/subscription-steps.ts';
import type { Executor, RunContext, SnapshotInUse } from './executor.ts';

const cancelled = ({ subscription, node }: CopyTables): SteepError =>
  new SteepError(
    'INIT_CANCELLED',
    `The first copy of ${subscription} into node ${node} was cancelled: its rows, its slot and its state are taken back.`,
    { suggestions: ['Apply again to begin anew.'] },
  );

const snapshotOf = (step: CopyTables, context: RunContext): SnapshotInUse => {
  const found = context.snapshots.get(addressOf(step.source, 'slot', step.slot));
  if (found !== undefined) return found;
  throw new SteepError(
    'SNAPSHOT_LOST',
    `The snapshot of slot ${step.slot} on node ${step.source} is not held by this run.`,
    { suggestions: ['Run the same command again: it plans from what is there.'] },
  );
};

const runningTables = ({ tables }: CopyProgress): readonly TableProgress[] =>
  tables.map((running) => ({
    table: formatName(running.table),
    syncState: 'd',
    bytesDone: running.bytesDone,
    bytesTotal: running.bytesTotal,
    rowsDone: running.rowsDone,
    bytesPerSecond: running.bytesPerSecond,
    etaSeconds: running.etaSeconds,
  }));

/** Aborted by the interrupt of this run, or when somebody asks for the end of the copy. */
const watchForCancel = (step: CopyTables, context: RunContext) => {
  const asked = new AbortController();
  const look = async (): Promise<void> => {
    const session = await context.observer(step.node);
    if (await readCancelRequested(session, step.subscription)) asked.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), context.limits.pollMs * 2);
  return {
    signal: AbortSignal.any([context.signal, asked.signal]),
    isAsked: () => asked.signal.aborted,
    stop: () => clearInterval(timer),
  };
};

const copy = async (
  step: CopyTables,
  { held }: SnapshotInUse,
  signal: AbortSignal,
  context: RunContext,
): Promise<void> => {
  const { node, subscription, source, publications, tables, workers } = step;
  const { runId, emit, clock, sleep } = context;
  const metadata = context.metadata(node);
  await noteCopyStart(metadata, { node, subscription, runId });
  const result = await copyAll({
    node,
    source,
    subscription,
    publications,
    tables,
    workers,
    runId,
    signal,
    clock,
    sleep,
    snapshot: held,
    openSource: () => context.openSession(source),
    openTarget: () => context.openSession(node),
    onProgress: (progress) => context.progress(describeCopy(progress), runningTables(progress)),
    onTable: ({ kind, table }) => {
      if (kind !== 'completed') return;
      emit({
        event: 'init.table_complete',
        node_id: node,
        subscription,
        table: formatName(table),
        overall_progress: 0,
      });
    },
  });
  await noteCopyEnd(metadata, { node, subscription, runId }, result.bytes);
};

const fail = async (step: CopyTables, error: unknown, context: RunContext): Promise<void> => {
  const { node, subscription } = step;
  const { runId, emit } = context;
  const reason = error instanceof SteepError ? error.message : 'the copy failed';
  const metadata = context.metadata(node);
  if (metadata.closed) return;
  await moveInit(metadata, { node, subscription, runId, emit, to: 'failed', error: reason });
};

export const copyTables: Executor<CopyTables> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: ({ slot, workers, tables }) =>
    `-- copy at the snapshot of slot ${slot}, with ${workers} workers: ${tables.map(formatName).join(', ')}`,
  run: async (step, context) => {
    const snapshot = snapshotOf(step, context);
    const { node, subscription, slot, source } = step;
    const { runId, emit } = context;
    const following = { node, subscription, slot, runId, emit };
    await beginCopying(context.metadata(node), following, snapshot.held.lsn);
    const cancel = watchForCancel(step, context);
    try {
      await copy(step, snapshot, cancel.signal, context);
    } catch (error) {
      if (cancel.isAsked()) throw cancelled(step);
      // Whoever interrupts wants nothing to be left: that is seen to when all steps have ended.
      if (context.signal.aborted) throw error;
      await fail(step, error, context);
      await release(snapshot, source, slot, context);
      throw error;
    } finally {
      cancel.stop();
    }
    await release(snapshot, source, slot, context);
  },
};

const release = async (
  { held }: SnapshotInUse,
  source: string,
  slot: string,
  context: RunContext,
): Promise<void> => {
  context.snapshots.delete(addressOf(source, 'slot', slot));
  await held.release();
};
