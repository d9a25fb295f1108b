// What a sequence is, without its position.

import type { QualifiedName } from '../identifier.ts';

export interface SequenceDefinition {
  readonly name: QualifiedName;
  readonly type: string;
  /** Whole numbers as text: they may be larger than a number holds. */
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cache: string;
  readonly cycle: boolean;
  /** The column that it belongs to, and goes with; null: none. */
  readonly owner: { readonly table: QualifiedName; readonly column: string } | null;
  /** It feeds an identity column: CREATE TABLE makes it. */
  readonly identity: boolean;
  /** Tables whose defaults take numbers from it. */
  readonly feeds: readonly QualifiedName[];
}
