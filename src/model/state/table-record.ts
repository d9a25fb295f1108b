// What steep remembers of a table that it replicates: what it was when steep last applied, or a user captured it.

import type { QualifiedName } from '../identifier.ts';

export interface TableRecord {
  readonly name: QualifiedName;
  /** Of the whole definition, as TableFingerprint has it. */
  readonly strict: string;
  /** RFC 3339 UTC. */
  readonly capturedAt: string;
  /** The table that it was a partition of; null: none. */
  readonly parent: QualifiedName | null;
  readonly partitioned: boolean;
}
