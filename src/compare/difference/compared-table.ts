// What of a table is compared between two nodes, and what each of them has of it.

import type { QualifiedName } from '../../model/identifier.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import type { HashedColumn } from '../row-hash.ts';

/** A table of two nodes, `a` and `b`; between the ends of an edge, `a` is the publisher. */
export interface TableToCompare {
  readonly table: QualifiedName;
  readonly columns: readonly string[];
  /** The row filter of the publication, which counts on `a` alone; null: all rows. */
  readonly where: string | null;
}

/** The values of the key as text, in its order; of a table without a key: none. */
export type KeyText = readonly (string | null)[];

/** One end of a compared table, as it is at a snapshot. */
export interface TableEnd {
  readonly table: QualifiedName;
  readonly kinds: TableKinds;
  readonly where: string | null;
  readonly columns: readonly HashedColumn[];
  /** Empty: there is none, and rows are told apart by all of their values. */
  readonly key: readonly HashedColumn[];
  /** A unique index finds rows by the key. */
  readonly indexed: boolean;
  /** Of the longest of its heaps: a partitioned table has several. */
  readonly blocks: number;
  readonly bytes: number;
}

/** Rows with one key that are not the same on both sides, at the two snapshots. */
export interface Suspicion {
  /** The hash of the key, or of the row where there is no key: a 64-bit integer as text. */
  readonly hash: string;
  readonly key: KeyText;
  /** Rows with the key that the other side does not have like this. */
  readonly a: number;
  readonly b: number;
}

/** Counts of rows, complete; at the two snapshots. */
export interface TableCounts {
  readonly rowsA: number;
  readonly rowsB: number;
  readonly equal: number;
  /** The key is on both sides, and another value is not the same. */
  readonly different: number;
  readonly onlyA: number;
  readonly onlyB: number;
}

/** The same name in maps; of a table without a key, the hash of the row is its name. */
export const keyName = ({ hash, key }: Pick<Suspicion, 'hash' | 'key'>): string =>
  `${hash} ${JSON.stringify(key)}`;
