// What steep schema compare and diff say.

import type { FingerprintKind, MatchingSchema, MatchStatus } from './schema-comparison.ts';
import type { Effect, TableDifference } from './schema-difference.ts';

export interface ComparedNode {
  readonly name: string;
  readonly endpoint: string;
}

export interface ComparedTable {
  /** As SQL writes it: `public.orders`. */
  readonly table: string;
  readonly status: MatchStatus;
  /** Whether what apply needs is the same; null: the table is on one node only. */
  readonly replicationMatches: boolean | null;
  readonly localFingerprint: string | null;
  readonly remoteFingerprint: string | null;
}

export interface ComparisonReport {
  readonly local: ComparedNode;
  readonly remote: ComparedNode;
  readonly fingerprint: FingerprintKind;
  /** Schemas that are the same, whose tables were not looked at one by one. */
  readonly matchingSchemas: readonly MatchingSchema[];
  readonly tables: readonly ComparedTable[];
  readonly summary: Readonly<Record<'match' | 'mismatch' | 'localOnly' | 'remoteOnly', number>>;
  readonly identical: boolean;
}

export interface DiffReport {
  readonly local: ComparedNode;
  readonly remote: ComparedNode;
  readonly tables: readonly DiffedTable[];
  /** How many tables there are of each worst effect. */
  readonly effects: Readonly<Record<Effect, number>>;
  readonly identical: boolean;
}

export interface DiffedTable extends Omit<TableDifference, 'name'> {
  readonly table: string;
  readonly worst: Effect | null;
  /** The definitions as lines; empty: not there. */
  readonly localText: string;
  readonly remoteText: string;
}
