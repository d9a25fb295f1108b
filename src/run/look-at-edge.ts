// One look at an edge that must converge: what status would say of it, and how far its subscriber is.

import type { RunContext } from '../executors/executor.ts';
import { formatSize } from '../model/quantity.ts';
import type { EdgeFacts } from '../model/report/status.ts';
import { addressOf } from '../model/state/address.ts';
import { judgeEdge } from '../model/state/edge-health.ts';
import { type ConvergingEdge, type EdgeReadings, factsOf, isReady, readEdge } from './read-edge.ts';

export interface EdgeLook {
  /** Null: it is well. */
  readonly behind: string | null;
  /** Every table is ready. */
  readonly copied: boolean;
  readonly lagBytes: number | null;
  readonly confirmedFlushLsn: string | null;
  /** Failed changes and failed copies so far; servers before 15 count none. */
  readonly errors: number;
  /** The slot is gone or lost, and changes with it: it will never converge. */
  readonly lost: boolean;
}

export interface LookOptions {
  /** Bytes. */
  readonly maxLag: number;
  /** The count of errors grows at present. */
  readonly errorsMoving: boolean;
}

/** What the words of a verdict leave out. */
const particulars = (facts: EdgeFacts, { tables }: EdgeReadings, maxLag: number): string => {
  const { slot, source, lagBytes } = facts;
  if (slot !== null && (facts.slotExists === false || facts.walStatus === 'lost')) {
    return ` (slot ${slot} on node ${source})`;
  }
  const waiting = tables.filter((table) => !isReady(table)).map(({ table }) => table);
  if (waiting.length > 0) {
    const some = waiting.slice(0, 5).join(', ');
    return ` (${waiting.length} of ${tables.length} tables are not ready: ${some})`;
  }
  return (lagBytes ?? 0) > maxLag
    ? ` (${formatSize(lagBytes)}, more than ${formatSize(maxLag)})`
    : '';
};

export const lookAtEdge = async (
  edge: ConvergingEdge,
  { maxLag, errorsMoving }: LookOptions,
  context: RunContext,
): Promise<EdgeLook> => {
  const readings = await readEdge(edge, context);
  const facts = factsOf(edge, readings, errorsMoving);
  const { reason } = judgeEdge(facts, maxLag);
  const name = addressOf(edge.node, 'subscription', edge.subscription);
  const { enabled, slot, walStatus } = facts;
  const reads = enabled && slot !== null;
  return {
    behind: reason === null ? null : `${name}: ${reason}${particulars(facts, readings, maxLag)}`,
    copied: reads && readings.tables.every(isReady),
    lagBytes: facts.lagBytes,
    confirmedFlushLsn: readings.lag?.confirmedFlushLsn ?? null,
    errors: (facts.applyErrors ?? 0) + (facts.syncErrors ?? 0),
    lost: reads && (facts.slotExists === false || walStatus === 'lost'),
  };
};
