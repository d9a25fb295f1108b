// What `steep init prepare` says: the slot, the snapshot while it lives, and what to type next.

import type { NodeName } from '../state/address.ts';
import type { EvidenceKind } from './manual-init.ts';

/** One way to bring the rows. */
export interface BackupRecipe {
  readonly tool: 'pg_dump' | 'pg_basebackup' | 'pg_createsubscriber';
  readonly title: string;
  /** In order; lines that begin with `#` are for people. */
  readonly commands: readonly string[];
}

export interface PreparedReport {
  readonly node: NodeName;
  readonly source: NodeName;
  readonly subscription: string;
  readonly slot: string;
  /** Everything that is committed after it is in the slot, everything before in the snapshot. */
  readonly lsn: string;
  /** For pg_dump --snapshot, as long as the command runs; null: none holds one. */
  readonly snapshot: string | null;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly evidence: EvidenceKind;
  readonly tables: number;
  readonly recipes: readonly BackupRecipe[];
}
