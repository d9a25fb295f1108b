// Convergence ends an apply: every table ready and every edge's lag below the bound, not merely DDL that
// returned.

import type { RunContext } from '../executors/executor.ts';
import { followInits } from './follow-init.ts';
import { type ConvergingEdge, lookAtEdge } from './look-at-edge.ts';

export interface ConvergeOptions {
  readonly edges: readonly ConvergingEdge[];
  /** Bytes. */
  readonly maxLag: number;
  readonly timeoutMs: number;
}

/** Waits; returns what is still behind when the time is over: nothing when all has converged. */
export const converge = async (
  options: ConvergeOptions,
  context: RunContext,
): Promise<readonly string[]> => {
  const started = context.clock();
  const inits = await followInits(options.edges, context);
  for (;;) {
    const behind: string[] = [];
    for (const edge of options.edges) {
      const look = await lookAtEdge(edge, options.maxLag, context);
      await inits.see(edge, look);
      if (look.behind !== null) behind.push(look.behind);
    }
    if (behind.length === 0) break;
    if (context.clock() - started > options.timeoutMs) return behind;
    context.emit({ event: 'run.converging', message: behind[0] ?? '', behind });
    await context.sleep(context.limits.pollMs);
  }
  await inits.finish();
  context.emit({ event: 'run.converged', duration_ms: Math.round(context.clock() - started) });
  return [];
};

/**
 * Where a plan has nothing to do: first copies that PostgreSQL finished while nobody looked are over. One look, no
 * wait; what is not over yet stays as it is.
 */
export const settleInits = async (
  { edges, maxLag }: Omit<ConvergeOptions, 'timeoutMs'>,
  context: RunContext,
): Promise<void> => {
  const { open } = await followInits(edges, context);
  for (const edge of open) {
    const inits = await followInits([edge], context);
    const look = await lookAtEdge(edge, maxLag, context);
    await inits.see(edge, look);
    if (look.behind === null) await inits.finish();
  }
};
