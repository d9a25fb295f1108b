// What an initial copy costs: what is known of the speed of a node, and the estimates that follow from it.

import type { Address, NodeName } from '../state/address.ts';

/** Bytes of the smallest copy that says something of a rate: below, the start of a worker takes longer. */
export const smallestSample = 10 * 1024 ** 2;

/** A finished initial copy of a subscription that steep watched from its start to its end. */
export interface MeasuredCopy {
  /** When it ended, RFC 3339 UTC. */
  readonly at: string;
  /** Size of its tables on the subscriber. */
  readonly bytes: number;
  readonly durationMs: number;
}

/** How fast a whole server writes WAL, on average since its statistics were reset. */
export interface WalRate {
  readonly bytesPerSecond: number;
  /** RFC 3339 UTC. */
  readonly since: string;
}

/** What is known of the speed of a node. */
export interface NodeSpeed {
  /** Null: unknown. */
  readonly wal: WalRate | null;
  /** Copies into this node, the latest first. */
  readonly copies: readonly MeasuredCopy[];
}

/** From the lowest to the highest of an estimate. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Bytes per second of all copies of a subscription together, and where the figure is from. */
export interface CopyRate extends Span {
  readonly origin: 'configured' | 'measured' | 'probed';
  /** Of the latest copy that was measured. */
  readonly measuredAt: string | null;
}

/** Null: unknown. */
export interface CopyEstimate {
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly seconds: Span | null;
}

/** The WAL that the publisher keeps until the copy is done. */
export interface KeptWal {
  readonly publisher: NodeName;
  readonly rate: WalRate | null;
  readonly bytes: Span | null;
  /** Bytes: max_slot_wal_keep_size; null: limited by the disk only. */
  readonly cap: number | null;
}

/** The copies of one subscription. */
export interface EdgeEstimate extends CopyEstimate {
  readonly tables: number;
  readonly rate: CopyRate | null;
  readonly wal: KeptWal | null;
}

/** All copies of a plan. Nodes copy side by side; the subscriptions of one node share its rate. */
export interface PlanEstimate extends CopyEstimate {
  readonly tables: number;
  /** By the address of the subscription. */
  readonly edges: Readonly<Record<Address, EdgeEstimate>>;
}
