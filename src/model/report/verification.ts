// What steep verify found: for each edge and table, how many rows are the same on both ends, and which are not.

import type { Address, NodeName } from '../state/address.ts';

/** major.minor of the JSON document: a minor only adds. */
export const verificationFormatVersion = '1.0';

/**
 * counted: both ends have as many rows, and no row was compared; different: differences that are confirmed; unsettled:
 * rows that changed, or were not replicated, until the time was over; unread: something could not be compared.
 */
export type VerifyOutcome = 'equal' | 'counted' | 'different' | 'unsettled' | 'unread';

/** missing: the publisher alone has the row; extra: the subscriber alone. */
export type RowFinding = 'different' | 'missing' | 'extra' | 'unsettled';

/** A key whose rows are not the same. Values of other columns are in no report. */
export interface VerifiedRow {
  readonly finding: RowFinding;
  /** By name of the column, as text; null: the table has no key. */
  readonly key: Readonly<Record<string, string | null>> | null;
  /** The hash of the key, or of the row where there is no key: tells samples without a key apart. */
  readonly hash: string;
  /** Those that differ, of a row that is on both ends. */
  readonly columns: readonly string[];
  /** Rows with this key that are concerned. */
  readonly rows: number;
  /** Why it is not settled. */
  readonly why: string | null;
}

/** Counts of rows; those of `equal` are as of the snapshot of the publisher. */
export interface VerifiedCounts {
  readonly rowsPublisher: number;
  readonly rowsSubscriber: number;
  readonly equal: number;
  readonly different: number;
  readonly missing: number;
  readonly extra: number;
  readonly unsettled: number;
}

export interface VerifiedTable {
  readonly table: string;
  readonly outcome: VerifyOutcome;
  readonly columns: readonly string[];
  /** The columns by which rows are told apart; null: all of them. */
  readonly key: readonly string[] | null;
  /** The row filter of the publication; null: all rows. */
  readonly where: string | null;
  /** Null: the table was not read. */
  readonly counts: VerifiedCounts | null;
  /** The first differences; the counts are complete. */
  readonly samples: readonly VerifiedRow[];
  /** What a reader must know of the result. */
  readonly notes: readonly string[];
  /** Why it was not read. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly durationMs: number;
}

export interface VerifiedEdge {
  readonly address: Address;
  readonly source: NodeName;
  readonly node: NodeName;
  readonly outcome: VerifyOutcome;
  readonly tables: readonly VerifiedTable[];
  /** Why nothing of it was read. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface VerificationReport {
  readonly formatVersion: string;
  /** The worst of all edges. */
  readonly outcome: VerifyOutcome;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly edges: readonly VerifiedEdge[];
}

/** What is on record of an edge: its last verification, in numbers of tables. */
export interface LastVerification {
  readonly address: Address;
  /** Of the table that was compared longest ago, RFC 3339 UTC. */
  readonly verifiedAt: string;
  readonly tables: number;
  readonly equal: number;
  readonly different: number;
  /** Not settled, or not read. */
  readonly unknown: number;
}

/** The worst first: what is confirmed counts more than what is not known. */
const worstFirst: readonly VerifyOutcome[] = [
  'different',
  'unread',
  'unsettled',
  'counted',
  'equal',
];

export const worstOutcome = (all: readonly VerifyOutcome[]): VerifyOutcome =>
  worstFirst.find((outcome) => all.includes(outcome)) ?? 'equal';

/** How far a verification is. */
export interface VerificationProgress {
  readonly address: Address;
  readonly table: string;
  readonly tablesDone: number;
  readonly tablesTotal: number;
  /** Of this table, on both ends together. */
  readonly bytesDone: number;
}
