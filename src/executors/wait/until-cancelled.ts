// A user may ask for the end of an initial copy from elsewhere: steep init cancel notes it in steep_repl, and the run that
// makes the copy looks for it.

import { readCancelRequested } from '../../catalog/metadata/read-cancel-requested.ts';
import { SteepError } from '../../model/errors.ts';
import type { SnapshotReader } from '../../model/step/step.ts';
import type { RunContext } from '../executor.ts';

type Cancellable = Pick<SnapshotReader, 'node' | 'subscription'>;

export interface CancelWatch {
  /** Aborted by the interrupt of this run, or when a user asks for the end of the copy. */
  readonly signal: AbortSignal;
  readonly isAsked: () => boolean;
  readonly stop: () => void;
}

/** Looks until it is stopped. */
export const watchForCancel = (
  { node, subscription }: Cancellable,
  context: RunContext,
): CancelWatch => {
  const asked = new AbortController();
  const look = async (): Promise<void> => {
    const session = await context.observer(node);
    if (await readCancelRequested(session, node, subscription)) asked.abort();
  };
  const timer = setInterval(() => void look().catch(() => undefined), context.limits.pollMs * 2);
  return {
    signal: AbortSignal.any([context.signal, asked.signal]),
    isAsked: () => asked.signal.aborted,
    stop: () => clearInterval(timer),
  };
};

/** The command that asks for the end of the copy undoes it as soon as this run is over. */
export const cancelledElsewhere = ({ node, subscription }: Cancellable): SteepError =>
  new SteepError(
    'INIT_CANCELLED',
    `The initial copy of ${subscription} into node ${node} was cancelled.`,
    { suggestions: ['steep init cancel removes what it created; apply again to start over.'] },
  );
