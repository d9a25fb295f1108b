// Carries an initial copy by steep to its end, wherever its rows come from: tells how far it is, and ends it when a
// user asks. A failure keeps what is there for the next run; what was cancelled is rolled back when the run ends.

import { readTableSizes } from '../../catalog/copies/read-progress.ts';
import type { CopyTableEvent } from '../../copy/copy-request.ts';
import { noteCopyEnd, noteCopyStart } from '../../metadata/copy-measure.ts';
import { emitInitTable } from '../../metadata/init/init-events.ts';
import { failInit } from '../../metadata/init/init-state.ts';
import { progressWriter } from '../../metadata/progress-writer.ts';
import { type CopyProgress, progressText } from '../../model/copy/init-progress.ts';
import { SteepError } from '../../model/errors.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import { stopReason } from '../../model/plan/interruption.ts';
import type { NodeName } from '../../model/state/address.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { RunContext } from '../executor.ts';
import { watchForCancel } from './until-cancelled.ts';

/** What is filled. */
export interface FilledTables {
  readonly node: NodeName;
  readonly source: NodeName;
  readonly subscription: string;
  readonly tables: readonly QualifiedName[];
}

/** What the code that brings the rows is given. */
export interface FillHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: CopyProgress) => void;
  readonly onTable: (event: CopyTableEvent) => void;
}

export interface Filler {
  readonly fill: (hooks: FillHooks) => Promise<unknown>;
  /** It ended, or failed: whatever is left is for the next run, and nothing is to be rolled back. */
  readonly keep: () => Promise<void>;
}

const cancelled = ({ subscription, node }: FilledTables): SteepError =>
  new SteepError(
    'INIT_CANCELLED',
    `The initial copy of ${subscription} into node ${node} was cancelled: its rows, its slot and its state were removed.`,
    { suggestions: ['Apply again to start over.'] },
  );

/** Bytes on the subscriber, as later plans compare them. */
const sizeOf = async ({ node, tables }: FilledTables, context: RunContext): Promise<number> => {
  const sizes = await readTableSizes(context.session(node), tables);
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
};

const writerOf = ({ node, source, subscription }: FilledTables, context: RunContext) => {
  const { runId, emit, clock } = context;
  const open = () => context.openMetadata(node);
  return progressWriter(open, { node, source, subscription, runId, emit, clock });
};

const fillWatched = async (
  filling: FilledTables,
  fill: Filler['fill'],
  signal: AbortSignal,
  context: RunContext,
): Promise<void> => {
  const { node, subscription, source } = filling;
  const { runId, emit } = context;
  const metadata = context.metadata(node);
  const subject = { node_id: node, source_node: source, subscription };
  const writer = writerOf(filling, context);
  let percent = 0;
  await noteCopyStart(metadata, { node, subscription, runId });
  try {
    await fill({
      signal,
      onProgress: (copied) => {
        percent = copied.percent;
        writer.report(copied);
        context.progress(progressText(copied), copied.tables);
      },
      onTable: (event) => emitInitTable(emit, subject, event, percent),
    });
    await noteCopyEnd(metadata, { node, subscription, runId }, await sizeOf(filling, context));
    await writer.finish('catching_up');
  } catch (error) {
    await writer.finish(signal.aborted ? 'cancelled' : 'failed');
    throw error;
  }
};

const fail = async (filling: FilledTables, error: unknown, context: RunContext): Promise<void> => {
  const { node, subscription } = filling;
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

/** Its state must be `copying` already. @throws SteepError: why the rows are not all there. */
export const fillAndReport = async (
  filling: FilledTables,
  { fill, keep }: Filler,
  context: RunContext,
): Promise<void> => {
  const cancel = watchForCancel(filling, context);
  try {
    await fillWatched(filling, fill, cancel.signal, context);
  } catch (error) {
    if (cancel.isAsked()) throw cancelled(filling);
    // After an interrupt nothing may be left: it is removed when all steps have ended.
    const isStopped = stopReason(context.signal) !== null;
    if (context.signal.aborted && !isStopped) throw error;
    // A run that stops by itself may have lost the right to note it.
    await fail(filling, error, context).catch((failure: unknown) => {
      if (!isStopped) throw failure;
    });
    await keep();
    throw error;
  } finally {
    cancel.stop();
  }
  await keep();
};
