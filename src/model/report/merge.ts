// What merging two nodes would do to their rows, and what merges have done.

import type { NodeName } from '../state/address.ts';
import type { MergeFault, MergeSide, MergeStrategy } from '../state/merge.ts';

/** major.minor of the JSON documents: a minor only adds. */
export const mergeFormatVersion = '1.0';

/**
 * to merge: the rows are still to be merged; interrupted: the first node has the merged rows, the second does not yet;
 * unfinished: both have them, and do not replicate yet; half: one direction of the pair is there, the other is not.
 */
export type MergeState = 'to merge' | 'interrupted' | 'unfinished' | 'merged' | 'half';

export interface AnalyzedTable {
  readonly table: string;
  readonly strategy: MergeStrategy;
  readonly rowsA: number;
  readonly rowsB: number;
  readonly equal: number;
  /** Keys that both nodes have with different rows. */
  readonly conflicts: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** How many of the conflicts each node loses, by rule. */
  readonly losers: readonly {
    readonly node: NodeName;
    readonly rule: string;
    readonly rows: number;
  }[];
  /** In how many conflicts each column differs. */
  readonly columns: readonly { readonly column: string; readonly rows: number }[];
  /** Why it cannot be compared; null: it can. */
  readonly error: MergeFault | null;
  /** Why its rows, although they can be compared, cannot all be stored. */
  readonly faults: readonly MergeFault[];
}

export interface MergeAnalysis {
  readonly formatVersion: string;
  readonly pair: string;
  /** The first and the second node. */
  readonly first: NodeName;
  readonly second: NodeName;
  readonly state: MergeState;
  /** None, unless the state is `to merge`. */
  readonly tables: readonly AnalyzedTable[];
  /** How long writers wait at least where all rows have to be compared again under the locks. */
  readonly lockMs: number;
  readonly elapsedMs: number;
}

/** A key that both nodes have with different rows. Values are text, as PostgreSQL prints them. */
export interface MergeConflict {
  readonly table: string;
  readonly key: Readonly<Record<string, string | null>>;
  readonly columns: readonly string[];
  /** Whose row both nodes will have; null: it is to be decided by hand, and is not, or was for other rows. */
  readonly keep: MergeSide | null;
  /** The node of that row. */
  readonly winner: NodeName | null;
  readonly rule: string;
  /** The row of the first node of the pair, and of the second. */
  readonly a: Readonly<Record<string, string | null>>;
  readonly b: Readonly<Record<string, string | null>>;
}

/** The first conflicts that were found, and how many there are. */
export interface ConflictList {
  readonly total: number;
  readonly first: readonly MergeConflict[];
}

/** A merge as one of its nodes has it on record. */
export interface RecordedMerge {
  readonly node: NodeName;
  readonly runId: string;
  /** decided: no row is written; written: the rows of this node are committed; completed: those of both are. */
  readonly state: 'decided' | 'written' | 'completed' | 'interrupted';
  readonly tables: readonly string[];
  readonly overwritten: number;
  readonly inserted: number;
  readonly deleted: number;
  readonly startedAt: string;
  /** Null: it is not over. */
  readonly endedAt: string | null;
}

export interface MergeStatus {
  readonly formatVersion: string;
  readonly pair: string;
  readonly first: NodeName;
  readonly second: NodeName;
  readonly state: MergeState;
  /** Of both nodes, the last one first. */
  readonly runs: readonly RecordedMerge[];
}

/** A row that a merge has overwritten or deleted. Values are text, as PostgreSQL prints them. */
export interface MergeAuditEntry {
  /** The node that had it. */
  readonly node: NodeName;
  readonly runId: string;
  readonly table: string;
  readonly key: Readonly<Record<string, string | null>> | null;
  readonly losing: Readonly<Record<string, string | null>>;
  readonly winner: NodeName;
  readonly rule: string;
  readonly at: string;
}

export interface MergeAudit {
  readonly formatVersion: string;
  readonly pair: string;
  /** Null: no merge of the pair is on record. */
  readonly runId: string | null;
  readonly tables: readonly {
    readonly node: NodeName;
    readonly table: string;
    readonly rule: string;
    readonly rows: number;
  }[];
}
