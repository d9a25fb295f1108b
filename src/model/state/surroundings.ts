// What no resource is, and what prevents some changes.

import type { QualifiedName } from '../identifier.ts';

/** One table refers to another by a foreign key, or inherits from it. */
export interface TableReference {
  readonly table: QualifiedName;
  readonly to: QualifiedName;
  /** cascades: a DELETE or UPDATE there changes rows here (CASCADE, SET NULL, SET DEFAULT). No entry: it inherits. */
  readonly foreignKey?: 'checks' | 'cascades';
}

/** A slot of the same cluster that is another database's or another plugin's: its name is taken. */
export interface ForeignSlot {
  readonly name: string;
  /** Null: a physical slot, which belongs to no database. */
  readonly database: string | null;
  readonly plugin: string | null;
  readonly active: boolean;
}
