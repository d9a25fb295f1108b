// What a comparison of the tables of two nodes says, from schemas down to single differences.

import type { QualifiedName } from '../identifier.ts';
import type { TableFingerprint } from './schema-fingerprint.ts';

/** Local is the first node of a comparison, remote its peer. */
export type MatchStatus = 'MATCH' | 'MISMATCH' | 'LOCAL_ONLY' | 'REMOTE_ONLY';

/** Which fingerprint decides: the whole definition, or what apply needs. */
export type FingerprintKind = keyof Pick<TableFingerprint, 'strict' | 'replication'>;

/** A schema that is the same on both nodes: its tables were not looked at one by one. */
export interface MatchingSchema {
  readonly schema: string;
  readonly tables: number;
}

export interface TableComparison {
  readonly name: QualifiedName;
  readonly status: MatchStatus;
  /** Null: not there. */
  readonly local: TableFingerprint | null;
  readonly remote: TableFingerprint | null;
}
