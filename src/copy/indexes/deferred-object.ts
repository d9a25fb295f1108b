// What a copy drops before it fills a table, and re-creates afterwards.

import type { QualifiedName } from '../../model/identifier.ts';

export interface DeferredObject {
  readonly id: number;
  readonly table: QualifiedName;
  /** In this order: an index, then the constraint that is made of it, then what refers to that. */
  readonly kind: 'index' | 'constraint' | 'foreign key';
  readonly name: string;
  /** Run in one transaction. */
  readonly statements: readonly string[];
}

/** By formatName of the table. */
export type DeferredByTable = ReadonlyMap<string, readonly DeferredObject[]>;
