// One look at an edge that must converge: what status would say of it, and how far its subscriber is.

import { type AskNode, readEdge } from '../catalog/edge/read-edge.ts';
import type { RunContext } from '../executors/executor.ts';
import { type EdgeFacts, edgeFacts } from '../model/edge/edge-facts.ts';
import { judgeEdge } from '../model/edge/edge-health.ts';
import { isSetBack, losesChanges } from '../model/edge/slot-checks.ts';
import { errorsOf } from '../model/edge/two-looks.ts';
import { formatSize } from '../model/quantity.ts';
import { addressOf, type NodeName } from '../model/state/address.ts';
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
    throw toFailure(error, { node, doing: `checking the progress of ${address}` });
  }
};

export interface EdgeLook {
  /** Null: it is well. */
  readonly behind: string | null;
  /** Every table is ready. */
  readonly copied: boolean;
  readonly lagBytes: number | null;
  readonly confirmedFlushLsn: string | null;
  /** Failed changes and failed copies so far; servers before 15 count none. */
  readonly errors: number;
  /** The slot is gone or lost, or the publisher was set back, and changes with it: a new copy alone brings them. */
  readonly lost: boolean;
  /** Of these the one that is not to be seen any more after a while. */
  readonly setBack: boolean;
}

export interface LookOptions {
  /** Bytes. */
  readonly maxLag: number;
  /** The count of errors grows at present. */
  readonly errorsMoving: boolean;
}

/** What the words of a verdict leave out. */
const particulars = (facts: EdgeFacts, maxLag: number): string => {
  const { slot, source, lagBytes, tablesWaiting, tablesTotal } = facts;
  if (slot !== null && (facts.slotExists === false || facts.walStatus === 'lost')) {
    return ` (slot ${slot} on node ${source})`;
  }
  if (tablesWaiting.length > 0) {
    const some = tablesWaiting
      .slice(0, 5)
      .map(({ table }) => table)
      .join(', ');
    return ` (${tablesWaiting.length} of ${tablesTotal} tables are not ready: ${some})`;
  }
  return (lagBytes ?? 0) > maxLag
    ? ` (${formatSize(lagBytes)}, more than ${formatSize(maxLag)})`
    : '';
};

/** @throws SteepError when one of the ends cannot be asked. */
const factsOf = async (
  edge: ConvergingEdge,
  errorsMoving: boolean,
  context: RunContext,
): Promise<EdgeFacts> => {
  const ask: AskNode = (node, body) => asking(node, edge, () => body(context.session(node)));
  const reading = await readEdge({ ...edge, wantedSlot: null }, ask);
  // The run itself moves the state of its copies on (follow-init.ts), and looks again and again: the error counter and the
  // position tell enough meanwhile, and what was skipped before this run is not its failure.
  const facts = edgeFacts(edge, reading, {
    source: edge.source,
    wanted: { slot: null, enabled: true },
    init: null,
    prepared: false,
    tooNewPublications: [],
  });
  return { ...facts, skippedChanges: null, errorsMoving };
};

export const lookAtEdge = async (
  edge: ConvergingEdge,
  { maxLag, errorsMoving }: LookOptions,
  context: RunContext,
): Promise<EdgeLook> => {
  const facts = await factsOf(edge, errorsMoving, context);
  const { reason } = judgeEdge(facts, maxLag);
  const name = addressOf(edge.node, 'subscription', edge.subscription);
  const { enabled, slot } = facts;
  const reads = enabled === true && slot !== null;
  return {
    behind: reason === null ? null : `${name}: ${reason}${particulars(facts, maxLag)}`,
    copied: reads && facts.tablesWaiting.length === 0,
    lagBytes: facts.lagBytes,
    confirmedFlushLsn: facts.confirmedFlushLsn,
    errors: errorsOf(facts),
    lost: losesChanges(facts),
    setBack: isSetBack(facts),
  };
};
