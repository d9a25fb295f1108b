// What a merge is asked for, and the sessions that it works with.

import type { GuardReads } from '../catalog/repair/read-dangling.ts';
import type { Readers } from '../compare/difference/compare-table.ts';
import type { GuardEnd } from '../compare/repair/repaired-table.ts';
import type { MergedEnd } from '../metadata/merge-state.ts';
import type { QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { MergeRule, MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import type { HandDecisions } from './hand-decisions.ts';
import type { BothNodes } from './merged-table.ts';

/** One end of the pair: the subscription of the node, and what the other node reads from it. */
export interface MergeEnd {
  readonly node: NodeName;
  readonly address: string;
  readonly subscription: string;
  readonly slot: string;
  readonly publication: string;
}

/** A table, what decides it, and how many rows of each node may lose. */
export interface TableToMerge {
  readonly table: QualifiedName;
  readonly rule: MergeRule;
  readonly losers: Readonly<Record<MergeSide, number>>;
}

export interface MergeWork {
  readonly runId: string;
  readonly ends: Readonly<Record<MergeSide, MergeEnd>>;
  readonly tables: readonly TableToMerge[];
  /** Of tables with the strategy manual. */
  readonly byHand: HandDecisions;
  readonly maxLockMs: number | null;
  readonly lockTimeoutMs: number;
  /** A session of its own, which may write; closed at the end. */
  readonly open: (node: NodeName) => Promise<Session>;
  /** A walsender session; closed at the end. */
  readonly openWalsender: (node: NodeName) => Promise<Session>;
  /** How long a slot may wait for transactions that write; 0: without end. */
  readonly slotTimeoutMs: number;
  /** The body again, where a lock was not to be had; sessions: those that wait. */
  readonly retried: (sessions: readonly Session[], body: () => Promise<void>) => Promise<void>;
  readonly guard: GuardEnd;
  /** Of tables that are only counted. */
  readonly guardReads: GuardReads;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  readonly progress: (message: string) => void;
}

export interface MergeSessions {
  /** They hold the locks, and write. */
  readonly writing: BothNodes;
  /** They find keys, and read rows. */
  readonly readers: Readonly<Record<MergeSide, Readers>>;
  readonly rows: BothNodes;
  /** They store decisions. */
  readonly deciding: BothNodes;
  readonly openWalsender: (side: MergeSide) => Promise<Session>;
  readonly all: readonly Session[];
}

/** The end of one node, as the node has it on record. */
export const stateOf = (ends: MergeWork['ends'], side: MergeSide): MergedEnd => {
  const { address, subscription } = ends[side];
  return { address, subscription, peer: ends[side === 'a' ? 'b' : 'a'].node };
};
