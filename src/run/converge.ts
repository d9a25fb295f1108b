// Convergence ends an apply: every table ready and every edge's lag below the bound, not merely DDL that
// returned.

import { readSubscriptionHealth } from '../catalog/read-health.ts';
import { readSlotLag, readSubscriptionProgress } from '../catalog/read-progress.ts';
import type { RunContext } from '../executors/executor.ts';
import { moveInit } from '../metadata/init-state.ts';
import { addressOf, type NodeName } from '../model/address.ts';
import { formatSize } from '../model/quantity.ts';
import { toFailure } from '../postgres/failures.ts';

/** An edge that must have caught up: one enabled subscription of the file. */
export interface ConvergingEdge {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
}

export interface ConvergeOptions {
  readonly edges: readonly ConvergingEdge[];
  /** Bytes. */
  readonly maxLag: number;
  readonly timeoutMs: number;
}

/** A server that goes away meanwhile is named, with what was asked of it. */
const asking = async <T>(
  node: NodeName,
  edge: ConvergingEdge,
  body: () => Promise<T>,
): Promise<T> => {
  try {
    return await body();
  } catch (error) {
    const address = addressOf(edge.node, 'subscription', edge.subscription);
    throw toFailure(error, { node, doing: `asking how far ${address} is` });
  }
};

/** Why this edge has not converged yet; null: it has. */
const behindBy = async (
  edge: ConvergingEdge,
  maxLag: number,
  context: RunContext,
): Promise<string | null> => {
  const name = addressOf(edge.node, 'subscription', edge.subscription);
  const subscriber = context.session(edge.node);
  const health = await asking(edge.node, edge, () =>
    readSubscriptionHealth(subscriber, edge.subscription),
  );
  if (health === null) return `${name} does not exist`;
  if (!health.enabled) return `${name} is disabled, by hand or by an error`;
  const tables = await asking(edge.node, edge, () =>
    readSubscriptionProgress(subscriber, edge.subscription),
  );
  const waiting = tables.filter(({ syncState }) => syncState !== 'r');
  if (waiting.length > 0) {
    return `${name}: ${waiting.length} of ${tables.length} tables are not ready (${waiting
      .slice(0, 5)
      .map(({ table }) => table)
      .join(', ')})`;
  }
  const { slot } = health;
  if (slot === null) return `${name} has no slot to read from`;
  const lag = await asking(edge.source, edge, () =>
    readSlotLag(context.session(edge.source), slot),
  );
  if (lag === null) return `${name}: its slot ${slot} is gone from node ${edge.source}`;
  if (lag.walStatus === 'lost') return `${name}: its slot ${slot} is lost`;
  if (!lag.active) return `${name}: no worker reads its slot ${slot}`;
  if ((lag.lagBytes ?? 0) > maxLag) {
    return `${name} lags ${formatSize(lag.lagBytes)}, more than ${formatSize(maxLag)}`;
  }
  return null;
};

const markSynchronized = async (
  edges: readonly ConvergingEdge[],
  context: RunContext,
): Promise<void> => {
  for (const edge of edges) {
    const { node, subscription } = edge;
    const { runId, emit } = context;
    for (const to of ['catching_up', 'synchronized'] as const) {
      await asking(node, edge, () =>
        moveInit(context.metadata(node), { node, subscription, to, runId, emit }),
      );
    }
  }
};

/** Waits; returns what is still behind when the time is over: nothing when all has converged. */
export const converge = async (
  options: ConvergeOptions,
  context: RunContext,
): Promise<readonly string[]> => {
  const started = context.clock();
  for (;;) {
    const behind: string[] = [];
    for (const edge of options.edges) {
      const reason = await behindBy(edge, options.maxLag, context);
      if (reason !== null) behind.push(reason);
    }
    if (behind.length === 0) break;
    if (context.clock() - started > options.timeoutMs) return behind;
    context.emit({ event: 'run.converging', message: behind[0] ?? '', behind });
    await context.sleep(context.limits.pollMs);
  }
  await markSynchronized(options.edges, context);
  context.emit({ event: 'run.converged', duration_ms: Math.round(context.clock() - started) });
  return [];
};
