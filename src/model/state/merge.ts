// A merge as steep.yaml asks for it, and what was read of both nodes: each holds rows, and they become a pair. `a` is the first node, `b` the second.

import type { QualifiedName } from '../identifier.ts';
import type { RepairNodeFacts } from '../report/repair.ts';

export type MergeSide = 'a' | 'b';

export type MergeStrategy = 'prefer-node-a' | 'prefer-node-b' | 'last-modified' | 'manual';

/** What decides between two rows of one key. */
export interface MergeRule {
  readonly strategy: MergeStrategy;
  /** Of last-modified: the column with the time; null: another strategy. */
  readonly modifiedColumn: string | null;
  /** Of last-modified: whose row is kept where neither is later. */
  readonly tie: MergeSide;
}

export interface MergeSettings {
  readonly rule: MergeRule;
  /** By formatName: tables that another rule decides. */
  readonly tables: Readonly<Record<string, MergeRule>>;
  /** Of manual: the file with the decisions, relative to the folder of steep.yaml; null: no table is decided by hand. */
  readonly decisions: string | null;
  /** Milliseconds that the locks may be held before the first commit; null: no limit. */
  readonly maxLockMs: number | null;
  /** Rows of a table that may be overwritten on each node; null: as many as differ when the plan is made. */
  readonly maxOverwrites: number | null;
}

export const ruleOf = ({ rule, tables }: MergeSettings, table: string): MergeRule =>
  tables[table] ?? rule;

type RowsBySide = Readonly<Record<MergeSide, number>>;

/** Rows of a table that a merge may overwrite on each node. @param losers those that differ now. */
export const overwriteLimits = (
  settings: MergeSettings,
  table: string,
  losers: RowsBySide,
): RowsBySide => {
  const { maxOverwrites } = settings;
  const { strategy } = ruleOf(settings, table);
  const limit = (side: MergeSide): number =>
    maxOverwrites === null || strategy === `prefer-node-${side}` ? losers[side] : maxOverwrites;
  return { a: limit('a'), b: limit('b') };
};

/** What would make a merge fail as it writes rows: the code and the message of the error. */
export interface MergeFault {
  readonly code: string;
  readonly message: string;
}

/** How the rows of one table compare, each node at one snapshot. */
export interface MergeTableReading {
  readonly table: QualifiedName;
  readonly rowsA: number;
  readonly rowsB: number;
  readonly equal: number;
  readonly different: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** Rows of each node that would be overwritten. */
  readonly losers: RowsBySide;
  /** By which rules, and how often each. */
  readonly rules: Readonly<Record<MergeSide, Readonly<Record<string, number>>>>;
  /** Milliseconds that comparing it took. */
  readonly elapsedMs: number;
  /** Sequences of both nodes give the numbers of its key. */
  readonly numbered: boolean;
  /** Why it cannot be compared; null: it can. The counts say nothing then. */
  readonly error: MergeFault | null;
  /** Why its rows, although they can be compared, cannot all be stored. */
  readonly faults: readonly MergeFault[];
}

export interface MergeNodeReading extends RepairNodeFacts {
  /** steep_repl is, or will be, in the database of the rows. */
  readonly auditBeside: boolean;
  /** Other subscriptions of the node that bring rows of the tables. */
  readonly broughtBy: readonly { readonly table: string; readonly subscription: string }[];
}

/** A file with decisions, and what it holds. */
export interface DecisionsFile {
  readonly path: string;
  readonly sha256: string;
}

/** A pair that is about to be merged. */
export interface MergeReading {
  /** Null: no table is decided by hand. */
  readonly decisions: DecisionsFile | null;
  /** Which nodes have committed the rows of a merge that did not come to its end. */
  readonly written: 'none' | 'first' | 'both';
  readonly tables: readonly MergeTableReading[];
  readonly nodes: Readonly<Record<MergeSide, MergeNodeReading>>;
}
