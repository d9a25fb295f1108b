// One look at an edge that must converge: why it has not yet, and how far it is behind.

import { readSubscriptionHealth } from '../catalog/read-health.ts';
import { readSlotLag, readSubscriptionProgress, type SlotLag } from '../catalog/read-progress.ts';
import type { RunContext } from '../executors/executor.ts';
import { addressOf, type NodeName } from '../model/address.ts';
import { formatSize } from '../model/quantity.ts';
import { toFailure } from '../postgres/failures.ts';

/** An edge that must have caught up: one enabled subscription of the file. */
export interface ConvergingEdge {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
}

export interface EdgeLook {
  /** Null: it has converged. */
  readonly behind: string | null;
  /** Every table is ready. */
  readonly copied: boolean;
  readonly lagBytes: number | null;
  /** The slot is gone or lost, and changes with it: it will never converge. */
  readonly lost: boolean;
}

/** A server that goes away meanwhile is named, with what was asked of it. */
export const asking = async <T>(
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

const stillCopying = (behind: string): EdgeLook => ({
  behind,
  copied: false,
  lagBytes: null,
  lost: false,
});

const lookAtSlot = (
  name: string,
  slot: string,
  source: NodeName,
  lag: SlotLag | null,
  maxLag: number,
): EdgeLook => {
  const copied = { copied: true, lagBytes: lag?.lagBytes ?? null, lost: false };
  if (lag === null) {
    return {
      ...copied,
      behind: `${name}: its slot ${slot} is gone from node ${source}`,
      lost: true,
    };
  }
  if (lag.walStatus === 'lost') {
    return { ...copied, behind: `${name}: its slot ${slot} is lost`, lost: true };
  }
  if (!lag.active) return { ...copied, behind: `${name}: no worker reads its slot ${slot}` };
  if ((lag.lagBytes ?? 0) <= maxLag) return { ...copied, behind: null };
  const bound = formatSize(maxLag);
  return { ...copied, behind: `${name} lags ${formatSize(lag.lagBytes)}, more than ${bound}` };
};

export const lookAtEdge = async (
  edge: ConvergingEdge,
  maxLag: number,
  context: RunContext,
): Promise<EdgeLook> => {
  const { node, subscription, source } = edge;
  const name = addressOf(node, 'subscription', subscription);
  const subscriber = context.session(node);
  const health = await asking(node, edge, () => readSubscriptionHealth(subscriber, subscription));
  if (health === null) return stillCopying(`${name} does not exist`);
  if (!health.enabled) return stillCopying(`${name} is disabled, by hand or by an error`);
  const tables = await asking(node, edge, () => readSubscriptionProgress(subscriber, subscription));
  const waiting = tables.filter(({ syncState }) => syncState !== 'r');
  if (waiting.length > 0) {
    const some = waiting.slice(0, 5).map(({ table }) => table);
    return stillCopying(
      `${name}: ${waiting.length} of ${tables.length} tables are not ready (${some.join(', ')})`,
    );
  }
  const { slot } = health;
  if (slot === null) return stillCopying(`${name} has no slot to read from`);
  const lag = await asking(source, edge, () => readSlotLag(context.session(source), slot));
  return lookAtSlot(name, slot, source, lag, maxLag);
};
