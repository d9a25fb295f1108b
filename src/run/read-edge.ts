// Reads an edge while it converges: both of its ends, with nothing more than the verdict on it needs.

import {
  readSlotLag,
  readSubscriptionProgress,
  type SlotLag,
  type TableSyncProgress,
} from '../catalog/copies/read-progress.ts';
import { readPublished } from '../catalog/objects/read-published-names.ts';
import { readSubscriptionHealth, type SubscriptionHealth } from '../catalog/server/read-health.ts';
import type { RunContext } from '../executors/executor.ts';
import type { EdgeFacts } from '../model/report/status.ts';
import { addressOf, type NodeName } from '../model/state/address.ts';
import { comparePublished, type Published } from '../model/state/published.ts';
import { toFailure } from '../postgres/failures.ts';

/** An edge that must have caught up: one enabled subscription of the file. */
export interface ConvergingEdge {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
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

export interface EdgeReadings {
  readonly health: SubscriptionHealth | null;
  readonly tables: readonly TableSyncProgress[];
  readonly lag: SlotLag | null;
  readonly published: Published | null;
}

/** Both ends, one after the other. @throws SteepError when one of them cannot be asked. */
export const readEdge = async (
  edge: ConvergingEdge,
  context: RunContext,
): Promise<EdgeReadings> => {
  const { node, subscription, source } = edge;
  const subscriber = context.session(node);
  const { health, tables } = await asking(node, edge, async () => ({
    health: await readSubscriptionHealth(subscriber, subscription),
    tables: await readSubscriptionProgress(subscriber, subscription),
  }));
  if (health === null) return { health, tables, lag: null, published: null };
  const publisher = context.session(source);
  const { lag, published } = await asking(source, edge, async () => ({
    lag: health.slot === null ? null : await readSlotLag(publisher, health.slot),
    published: await readPublished(publisher, health.publications),
  }));
  return { health, tables, lag, published };
};

export const isReady = ({ syncState }: TableSyncProgress): boolean => syncState === 'r';

const noSubscription = {
  enabled: false,
  workerRunning: null,
  slot: null,
  applyErrors: null,
  syncErrors: null,
  disablesOnError: false,
};

const subscriptionFacts = (health: SubscriptionHealth) => ({
  enabled: health.enabled,
  workerRunning: health.workerRunning,
  slot: health.slot,
  applyErrors: health.applyErrors,
  syncErrors: health.syncErrors,
  disablesOnError: health.disablesOnError,
});

/** As the verdict needs it. */
export const factsOf = (
  edge: ConvergingEdge,
  { health, tables, lag, published }: EdgeReadings,
  errorsMoving: boolean,
): EdgeFacts => ({
  ...edge,
  exists: health !== null,
  ...(health === null ? noSubscription : subscriptionFacts(health)),
  slotExists: lag !== null,
  walStatus: lag?.walStatus ?? null,
  lagBytes: lag?.lagBytes ?? null,
  retainedBytes: null,
  tablesReady: tables.filter(isReady).length,
  tablesTotal: tables.length,
  errorsMoving,
  wantedDisabled: false,
  ...comparePublished(
    published,
    tables.map(({ table }) => table),
  ),
  // Its error counter and its position tell enough while a run waits.
  tooNewPublications: [],
  // The run itself moves it on: see follow-init.ts.
  initState: null,
  init: null,
});
