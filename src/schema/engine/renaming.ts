// One renaming on the subscriber: its statement, and what it does to what the engine reads.

import type { Fact, StableId } from '@supabase/pg-delta';
import type { SchemaStatement } from '../../model/schema/schema-change.ts';

/** One renaming, as the subscriber needs it. */
export interface SchemaRenaming {
  readonly statement: SchemaStatement;
  readonly inFact: (fact: Fact) => Fact;
  readonly inId: (id: StableId) => StableId;
  /** A statement in which the new name is meant, or the old one. */
  readonly isIn: (statement: SchemaStatement) => boolean;
}

export const renamingStatement = (
  object: SchemaStatement['object'],
  sql: string,
  part: string,
): SchemaStatement => ({
  sql,
  object,
  part,
  verb: 'alter',
  phase: 'renames',
  lock: object.kind === 'table' ? 'ACCESS EXCLUSIVE' : null,
  inUse: object.kind === 'table',
  losesData: false,
  rewrites: false,
});
