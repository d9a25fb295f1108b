// Tables that a copy treats in a way of their own, since they are large.

import type { QualifiedName } from '../identifier.ts';

/** pg_dump: each by a pg_dump of its own; basebackup: one is enough, and a user brings all rows manually. */
export interface LargeTables {
  /** Bytes: tables of this size or more. */
  readonly threshold: number;
  readonly method: 'pg_dump' | 'basebackup';
}

export interface SizedTable {
  readonly table: QualifiedName;
  readonly bytes: number;
}
