// What undoing a merge would do to the rows of both nodes, and what it has done.

import type { FoundHazard } from '../plan/hazard.ts';
import type { NodeName } from '../state/address.ts';
import type { DanglingReference, RepairOutcome } from './repair.ts';

/** major.minor of the JSON document: a minor only adds. */
export const undoFormatVersion = '1.0';

/** Rows of a table that one node lost. */
export interface UndoTablePlan {
  readonly table: string;
  /** The node that lost them. */
  readonly node: NodeName;
  /** To be written back, on both nodes. */
  readonly restore: number;
  /** Both nodes have them again. */
  readonly restored: number;
  /** Written since the merge: they stay as they are now. */
  readonly changed: number;
  /** Why its rows cannot be written back; null: they can. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What is agreed to, before anything is written. */
export interface UndoPlan {
  readonly formatVersion: string;
  readonly pair: string;
  /** Of the merge. */
  readonly mergeRun: string;
  readonly first: NodeName;
  readonly second: NodeName;
  readonly tables: readonly UndoTablePlan[];
  /** Rows of the other node that the merge has inserted: they stay on both. */
  readonly inserted: readonly { readonly node: NodeName; readonly rows: number }[];
  readonly hazards: readonly FoundHazard[];
}

export interface UndoneTable {
  readonly table: string;
  readonly node: NodeName;
  /** Written back, on both nodes. */
  readonly restored: number;
  /** Written since the merge. */
  readonly changed: number;
  /** To be written back, and not written: another attempt may do it. */
  readonly left: number;
  /** Why, of the first of these. */
  readonly why: string | null;
}

export interface UndoReport {
  readonly formatVersion: string;
  readonly outcome: RepairOutcome;
  readonly plan: UndoPlan;
  /** Of the undo, by which steep_repl.merge_audit_log of both nodes has the rows that it has overwritten; null: there was none. */
  readonly runId: string | null;
  readonly tables: readonly UndoneTable[];
  readonly dangling: readonly (DanglingReference & { readonly node: NodeName })[];
  readonly elapsedMs: number;
}
