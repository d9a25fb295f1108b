// One edge over the whole wait for convergence: looks at it again and again, and knows what has moved in between.

import type { RunContext } from '../executors/executor.ts';
import { lsnDistance } from '../model/lsn.ts';
import { formatDuration, formatSize } from '../model/quantity.ts';
import { addressOf } from '../model/state/address.ts';
import { type ConvergingEdge, type EdgeLook, lookAtEdge } from './look-at-edge.ts';

/**
 * PostgreSQL tries again 5 s after an error, and on a busy server the next one comes seconds later: who failed has
 * recovered when nothing fails for longer than that.
 */
const quietMs = 12_000;

/** A position that does not move for so long is said to be still. */
const stillMs = 5000;

export interface EdgeWatch {
  readonly edge: ConvergingEdge;
  readonly look: () => Promise<EdgeLook>;
}

export interface EdgeWatchOptions {
  /** Bytes. */
  readonly maxLag: number;
  /** LSN of the source that must be confirmed; null: any will do. */
  readonly target: string | null;
}

/** Null: the subscriber has confirmed the target. */
const notThere = (
  { confirmedFlushLsn }: EdgeLook,
  target: string | null,
  stillForMs: number,
): string | null => {
  const behind = target === null ? 0 : lsnDistance(confirmedFlushLsn ?? '0/0', target);
  if (behind <= 0) return null;
  const still = stillForMs < stillMs ? '' : `, without progress for ${formatDuration(stillForMs)}`;
  return `The subscriber has not yet confirmed all changes written before the end of the last step: ${formatSize(behind)} remaining${still}.`;
};

export const watchEdge = (
  edge: ConvergingEdge,
  { maxLag, target }: EdgeWatchOptions,
  context: RunContext,
): EdgeWatch => {
  const name = addressOf(edge.node, 'subscription', edge.subscription);
  let errors: number | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;
  let position: string | null = null;
  let movedAt = context.clock();
  return {
    edge,
    look: async () => {
      const errorsMoving = () => context.clock() - failedAt < quietMs;
      const first = await lookAtEdge(edge, { maxLag, errorsMoving: errorsMoving() }, context);
      const grown = errors !== null && first.errors > errors;
      errors = first.errors;
      if (grown) failedAt = context.clock();
      // The verdict was made before it was known that something has just failed.
      const seen = grown ? await lookAtEdge(edge, { maxLag, errorsMoving: true }, context) : first;
      if (seen.confirmedFlushLsn !== position) movedAt = context.clock();
      position = seen.confirmedFlushLsn;
      const left = notThere(seen, target, context.clock() - movedAt);
      return seen.behind !== null || left === null ? seen : { ...seen, behind: `${name}: ${left}` };
    },
  };
};
