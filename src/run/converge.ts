// Convergence ends an apply: not merely DDL that returned, but edges that are well, with subscribers that have got
// what was written to their sources until the last step.

import type { RunContext } from '../executors/executor.ts';
import { pausesOf } from '../executors/executor.ts';
import type { NodeName } from '../model/state/address.ts';
import { readOpenInits } from './follow-init.ts';
import { asking, type ConvergingEdge } from './look-at-edge.ts';
import { markSource } from './mark-source.ts';
import { type EdgeWatch, watchEdge } from './watch-edge.ts';

export interface ConvergeOptions {
  readonly edges: readonly ConvergingEdge[];
  /** Bytes. */
  readonly maxLag: number;
  readonly timeoutMs: number;
  /** Aborted: the run has lost its lock, and another one may change the edges. Its reason is thrown. */
  readonly lost?: AbortSignal;
}

/** Every edge with the position of its source that it must reach. */
const watchAll = async (
  { edges, maxLag }: Pick<ConvergeOptions, 'edges' | 'maxLag'>,
  context: RunContext,
): Promise<readonly EdgeWatch[]> => {
  const targets = new Map<NodeName, string>();
  for (const edge of edges) {
    const { source } = edge;
    if (targets.has(source)) continue;
    targets.set(source, await asking(source, edge, () => markSource(context.session(source))));
  }
  return edges.map((edge) =>
    watchEdge(edge, { maxLag, target: targets.get(edge.source) ?? null }, context),
  );
};

/** Waits; returns what is still behind when the time is over: nothing when all has converged. */
export const converge = async (
  options: ConvergeOptions,
  context: RunContext,
): Promise<readonly string[]> => {
  const started = context.clock();
  const inits = await readOpenInits(options.edges, context);
  const watches = await watchAll(options, context);
  const pause = pausesOf(context);
  for (;;) {
    const behind: string[] = [];
    let moves = false;
    const wasLost = options.lost?.aborted === true;
    for (const { edge, look } of watches) {
      const seen = await look();
      await inits.see(edge, seen);
      const missing = seen.behind ?? inits.missing(edge);
      if (missing !== null) behind.push(missing);
      moves ||= seen.behind !== null;
    }
    if (behind.length === 0) break;
    // After a look that began later: a server that went away with the lock is named by it.
    if (wasLost) options.lost?.throwIfAborted();
    // What only a new copy brings does not come by waiting.
    if (!moves || context.clock() - started > options.timeoutMs) return behind;
    const message = `Not converged yet: subscriptions ${behind.length} of ${watches.length}`;
    context.emit({ event: 'run.converging', message, behind });
    await pause();
  }
  await inits.finish();
  context.emit({ event: 'run.converged', duration_ms: Math.round(context.clock() - started) });
  return [];
};

/**
 * Where a plan has nothing to do: initial copies that PostgreSQL finished in the meantime are over. One look, no wait;
 * what is not over yet stays as it is. Whether there was one to look at.
 */
export const finalizeFinishedInits = async (
  { edges, maxLag }: Pick<ConvergeOptions, 'edges' | 'maxLag'>,
  context: RunContext,
): Promise<boolean> => {
  const { open } = await readOpenInits(edges, context);
  for (const edge of open) {
    const inits = await readOpenInits([edge], context);
    const look = await watchEdge(edge, { maxLag, target: null }, context).look();
    await inits.see(edge, look);
    if (look.behind === null) await inits.finish();
  }
  return open.length > 0;
};
