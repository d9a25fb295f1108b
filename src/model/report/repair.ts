// What steep repair would do to the rows of a subscriber, and what it has done.

import type { FoundHazard } from '../plan/hazard.ts';
import type { Address, NodeName } from '../state/address.ts';

/** major.minor of the JSON document: a minor only adds. */
export const repairFormatVersion = '1.0';

/** Rows by what is wrong with them. */
export interface RowsToRepair {
  readonly different: number;
  readonly missing: number;
  readonly extra: number;
}

export interface RepairTablePlan extends RowsToRepair {
  readonly table: string;
  /** The columns by which rows are told apart; null: all of them. */
  readonly key: readonly string[] | null;
  /** Neither proven to differ nor found equal: they stay. */
  readonly unsettled: number;
  /** Of the publisher; null: only the rows of a report were looked at. */
  readonly rows: number | null;
  /** About, to repair it; null: there is nothing to do. */
  readonly repairSeconds: number | null;
  /** About, to copy the table again; null: unknown. */
  readonly resetSeconds: number | null;
  /** Why it was not compared. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What is agreed to, before anything is written. */
export interface RepairPlan {
  readonly formatVersion: string;
  readonly address: Address;
  readonly source: NodeName;
  readonly node: NodeName;
  readonly findings: readonly ('missing' | 'different' | 'extra')[];
  readonly tables: readonly RepairTablePlan[];
  /** What is written is tagged with an origin. */
  readonly tags: boolean;
  readonly hazards: readonly FoundHazard[];
}

/** Rows of a table that refer to rows which are not there. */
export interface DanglingReference {
  readonly table: string;
  readonly constraint: string;
  /** Null: not counted, since one of the tables could not be read, or reading it would run code of others. */
  readonly rows: number | null;
}

export interface RepairedTableReport {
  readonly table: string;
  readonly overwritten: number;
  readonly inserted: number;
  readonly deleted: number;
  /** Found equal meanwhile. */
  readonly equal: number;
  /** Keys that were not written. */
  readonly left: number;
  /** Why, of the first of them. */
  readonly why: string | null;
}

/** planned: nothing was to be written; partial: some rows are left. */
export type RepairOutcome = 'nothing-to-do' | 'planned' | 'declined' | 'repaired' | 'partial';

export interface RepairReport {
  readonly formatVersion: string;
  readonly outcome: RepairOutcome;
  readonly plan: RepairPlan;
  /** Of the run, by which steep_repl.merge_audit_log has the rows that were overwritten or deleted; null: there was none. */
  readonly runId: string | null;
  readonly tables: readonly RepairedTableReport[];
  readonly dangling: readonly DanglingReference[];
  readonly elapsedMs: number;
}

/** What of a table decides whether its rows can be written. */
export interface RepairTableFacts {
  /** Its rows may be locked in share mode. */
  readonly lockable: boolean;
  /** Its rows may be read, inserted, updated and deleted. */
  readonly writable: boolean;
  /** Triggers and rules that fire in sessions of replication. */
  readonly firesAlways: readonly string[];
  /** Triggers, rules and cascading foreign keys that fire in other sessions. */
  readonly fires: readonly string[];
  /** A publication of the node sends it. */
  readonly published: boolean;
}

export interface RepairNodeFacts {
  /** As SQL has it. */
  readonly role: string;
  /** The role may tag what it writes with an origin. */
  readonly tags: boolean;
  /** Who owns steep_repl.merge_audit_log, where the role does not; null: it does, or will. */
  readonly auditOwner: string | null;
  /** By formatName; a table that is not there has no entry. */
  readonly tables: Readonly<Record<string, RepairTableFacts>>;
}

/** Functions by which a session tags what it writes with an origin. */
export const tagFunctions = [
  'pg_catalog.pg_replication_origin_create(text)',
  'pg_catalog.pg_replication_origin_session_setup(text)',
  'pg_catalog.pg_replication_origin_session_reset()',
  'pg_catalog.pg_replication_origin_drop(text)',
] as const;
