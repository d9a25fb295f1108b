// A first copy by steep: every table at the snapshot that this run holds. A failure keeps slot and ledger, from
// which the next run goes on; what was cancelled is taken back when the run ends.

import { readCancelRequested } from '../catalog/read-cancel-requested.ts';
import { readTableSizes } from '../catalog/read-progress.ts';
import { copyTables as copyAll } from '../copy/copy-tables.ts';
import { beginCopying } from '../metadata/copy-attempt.ts';
import { noteCopyEnd, noteCopyStart } from '../metadata/copy-measure.ts';
import { emitInitTable } from '../metadata/init-events.ts';
import { failInit } from '../metadata/init-state.ts';
import { progressWriter } from '../metadata/progress-writer.ts';
import { addressOf } from '../model/address.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import { fromCopy, progressText } from '../model/init-progress.ts';
import type { CopyTables } from '../model/subscription-steps.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Executor, RunContext, SnapshotInUse } from './executor.ts';
import { lockPatience } from './until-unlocked.ts';

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

/** Aborted by the interrupt of this run, or when somebody asks for the end of the copy. */
const watchForCancel = (step: CopyTables, context: RunContext) => {
  const asked = new AbortController();
  const look = async (): Promise<void> => {
    const session = await context.observer(step.node);
    if (await readCancelRequested(session, step.node, step.subscription)) asked.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), context.limits.pollMs * 2);
  return {
    signal: AbortSignal.any([context.signal, asked.signal]),
    isAsked: () => asked.signal.aborted,
    stop: () => clearInterval(timer),
  };
};

const asked = (step: CopyTables, { runId, clock, sleep }: RunContext) => {
  const { node, subscription, source, publications, tables, workers } = step;
  return { node, subscription, source, publications, tables, workers, runId, clock, sleep };
};

/** Bytes on the subscriber, as later plans compare them. */
const sizeOf = async ({ node, tables }: CopyTables, context: RunContext): Promise<number> => {
  const sizes = await readTableSizes(context.session(node), tables);
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
};

const copy = async (
  step: CopyTables,
  { held }: SnapshotInUse,
  signal: AbortSignal,
  context: RunContext,
): Promise<void> => {
  const { node, subscription, source } = step;
  const { runId, emit } = context;
  const metadata = context.metadata(node);
  const subject = { node_id: node, source_node: source, subscription };
  const writer = writerOf(step, context);
  let percent = 0;
  await noteCopyStart(metadata, { node, subscription, runId });
  try {
    await copyAll({
      ...asked(step, context),
      signal,
      locks: lockPatience(step, context),
      snapshot: held,
      dumps: { tables: step.dumped ?? [], open: (request) => context.openDump(source, request) },
      openSource: () => context.openSession(source),
      openTarget: () => context.openSession(node),
      onProgress: (copied) => {
        const progress = fromCopy(copied);
        percent = copied.percent;
        writer.report(copied);
        context.progress(progressText(progress), progress.tables);
      },
      onTable: (event) => emitInitTable(emit, subject, event, percent),
    });
    await noteCopyEnd(metadata, { node, subscription, runId }, await sizeOf(step, context));
    await writer.finish('catching_up');
  } catch (error) {
    await writer.finish(signal.aborted ? 'cancelled' : 'failed');
    throw error;
  }
};

const writerOf = ({ node, source, subscription }: CopyTables, context: RunContext) => {
  const { runId, emit, clock } = context;
  const open = () => context.openMetadata(node);
  return progressWriter(open, { node, source, subscription, runId, emit, clock });
};

const fail = async (step: CopyTables, error: unknown, context: RunContext): Promise<void> => {
  const { node, subscription } = step;
  const { runId, emit } = context;
  const { message, suggestions } = toFailure(error, { node, doing: 'copying' });
  const metadata = context.metadata(node);
  if (metadata.closed) return;
  await failInit(metadata, {
    node,
    subscription,
    runId,
    emit,
    error: [message, ...suggestions].join(' '),
  });
};

export const copyTables: Executor<CopyTables> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: ({ slot, workers, tables, dumped = [] }) =>
    [
      `-- copy at the snapshot of slot ${slot}, with ${workers} workers: ${tables.map(formatName).join(', ')}`,
      ...(dumped.length === 0 ? [] : [`with pg_dump: ${dumped.map(formatName).join(', ')}`]),
    ].join('; '),
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
