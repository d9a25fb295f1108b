// The vocabulary of the copy engine: a table as the source publishes it, as the target holds it, and the parts in
// which its rows travel. Plain data; knows no server.

import type { ColumnName } from '../../model/copy/column-mark.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { NamedTable } from '../read/same-names.ts';

/** One heap: the table itself, or a leaf of a partitioned one. */
export interface Heap {
  readonly oid: number;
  readonly name: QualifiedName;
  readonly blocks: number;
  /** With TOAST. */
  readonly bytes: number;
  /** The file as the snapshot knows it: another one now means that it was truncated or rewritten. */
  readonly file: number;
  /** What it was when its ranges were chosen; absent: they were not, or it is read as a whole. */
  readonly cut?: Cut;
  /** Whether ranges of ctid mean something: not of a foreign table. */
  readonly ranges: boolean;
  /** As the snapshot has them; none where the rows come from files. */
  readonly columns: readonly ColumnName[];
}

/** A heap of which ranges are read: all of it was read while its lock kept the file from being replaced. */
export interface Cut {
  /** Ranges of ctid mean something in this file only. */
  readonly file: number;
  /** Rows that the snapshot shows, and those of them that the row filter passes. */
  readonly rows: number;
  readonly matching: number;
}

export interface CopyColumn {
  readonly name: string;
  /** The representation of a value in FORMAT binary; null: it may differ between servers. */
  readonly wire: string | null;
  readonly generated: boolean;
}

/** As the source publishes it. */
export interface CopiedTable {
  readonly name: QualifiedName;
  readonly columns: readonly CopyColumn[];
  /** Rows that match; null: all. */
  readonly filter: string | null;
  readonly heaps: readonly Heap[];
  readonly bytes: number;
}

/** As the target holds it. */
export interface TargetTable {
  readonly name: QualifiedName;
  readonly oid: number;
  /** reserved: of PostgreSQL itself, or of steep_repl. */
  readonly kind: 'table' | 'partitioned' | 'reserved' | 'other';
  readonly unlogged: boolean;
  readonly columns: readonly CopyColumn[];
  /** Of these columns. */
  readonly names: readonly ColumnName[];
  /** What their values are made of, exactly: see typeFacts. */
  readonly types: readonly string[];
  /** Triggers of users and foreign keys: in force where the role cannot switch them off. */
  readonly checks: readonly string[];
}

/** How the rows of a table travel. */
export interface Transfer {
  /** Position in the request. */
  readonly index: number;
  readonly table: CopiedTable;
  readonly format: 'binary' | 'text';
  /** By a pg_dump for each heap, in one chunk. */
  readonly dumped: boolean;
  /** Of the text, where a database is not in UTF-8: that of the target, as table sync does. */
  readonly encoding: string | null;
  readonly chunks: readonly Chunk[];
  /** What the names of the target meant when it was looked at; absent: the rows do not go to a table. */
  readonly into?: NamedTable;
}

/** Rows of one heap between two blocks. */
export interface Chunk {
  /** Counted over all heaps of the table. */
  readonly number: number;
  readonly heap: Heap;
  readonly fromBlock: number;
  /** Null: to the end, however far it is. */
  readonly toBlock: number | null;
  /** Estimated, for the order and for progress. */
  readonly bytes: number;
}

/** The whole heap, so that COPY can name the table instead of a query. */
export const isWhole = (chunk: Chunk): boolean => chunk.fromBlock === 0 && chunk.toBlock === null;

/** Whether it is read in ranges, which are chosen while the heap is locked. */
export const isRanged = ({ chunks }: Transfer): boolean => chunks.some((chunk) => !isWhole(chunk));
