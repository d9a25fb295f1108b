// The step that merges the rows of two nodes. What a step is: step.ts.

import type { QualifiedName } from '../identifier.ts';
import type { NodeName } from '../state/address.ts';
import type { DecisionsFile, MergeSide, MergeStrategy } from '../state/merge.ts';
import type { StepBase } from './step-base.ts';

/** What one node of a pair reads from the other. */
export interface MergedDirection {
  readonly subscription: string;
  readonly slot: string;
  readonly publication: string;
}

export interface MergedTableStep {
  readonly table: QualifiedName;
  readonly strategy: MergeStrategy;
  readonly modifiedColumn: string | null;
  readonly tie: MergeSide;
  /** Rows of each node that may be overwritten at most: more were not agreed to. */
  readonly overwrittenFirst: number;
  readonly overwrittenSecond: number;
}

/** Locks the tables of both nodes of a pair, and makes their rows the same; both subscriptions are there, disabled. */
export interface MergePair extends StepBase {
  readonly kind: 'merge-pair';
  readonly pair: string;
  /** The first node; the step is on the second. */
  readonly first: NodeName;
  /** To the second node, and to the first. */
  readonly forth: MergedDirection;
  readonly back: MergedDirection;
  readonly tables: readonly MergedTableStep[];
  /** Of tables that are decided by hand; null: there are none. */
  readonly decisions: DecisionsFile | null;
  /** Milliseconds that the locks may be held; null: no limit. */
  readonly maxLockMs: number | null;
}
