// What an initial copy notes of the tables of its source, as its snapshot shows them: which tables they are, and what is
// a partition of what. The slot brings changes of rows; it does not bring that a table was replaced, or that rows came
// or went with a partition.

import { formatName, type QualifiedName } from '../identifier.ts';
import { type ColumnMark, type ColumnName, whyOtherValues } from './column-mark.ts';

/** Its name is that which pg_subscription_rel will list. */
export interface TableMark extends QualifiedName {
  readonly oid: number;
  /** Below it, and of what it is published through. */
  readonly partitions: readonly PartitionMark[];
  /** pg_class.relfilenode; 0: it has none. This and the columns are absent in what an older version of steep noted. */
  readonly file?: number;
  readonly columns?: readonly ColumnMark[];
  /** What a change of its name or of its schema writes; in one order. Absent as the file. */
  readonly named?: readonly NameMark[];
  /** What the values of its columns are made of: see typeFacts. Absent as the file. */
  readonly types?: readonly string[];
  /** Of the table on the subscriber that its rows are copied into. */
  readonly stored?: readonly ColumnName[];
  readonly storedTypes?: readonly string[];
  /** Of that table. */
  readonly storedOid?: number;
  /** Every transaction before this one had ended: their rows are older than the mark. Absent as the file. */
  readonly ended?: string;
}

/** A row of a catalog. */
export interface NameMark {
  /** The transaction that wrote it last. */
  readonly xmin: string;
  /** A hash of what else such a transaction may have written. */
  readonly rest: string;
}

/** A row of pg_inherits. */
export interface PartitionMark extends QualifiedName {
  readonly oid: number;
  readonly parent: number;
  /** The transaction that wrote the row: a partition that was detached and attached again has another one. */
  readonly xmin: string;
  /** Its rows are published as those of the table, and TRUNCATE of it alone is not published. */
  readonly leaf: boolean;
  /** pg_class.relfilenode, its TOAST table and the file of that; 0: it has none. */
  readonly file: number;
  readonly toast: number;
  readonly toastFile: number;
  /** It, or what it is a partition of, was a table before it became a partition. */
  readonly attached: boolean;
}

/**
 * Why the rows that were copied of a table, with what the slot brings, are not those of the table now; null: they are.
 * `now` undefined: it does not exist.
 */
export const whyReplaced = (
  then: TableMark,
  now: TableMark | undefined,
  { older, kept }: RowsOfPartitions,
): string | null => {
  if (now?.oid !== then.oid) return 'the source has another table of this name, or none';
  if (wasRenamed(then, now))
    return 'it was renamed, or moved to another schema, and back again on the source';
  if (lacksTypes(then.types, now.types)) return `${otherTypes} on the source`;
  const { columns } = then;
  const altered = columns && whyOtherValues(columns, now.columns ?? [], wasRewritten(then, now));
  if (altered) return `${altered} on the source`;
  const current = new Map(now.partitions.map((mark) => [keyOf(mark), mark]));
  for (const mark of then.partitions) {
    const why = whyMoved(mark, current.get(keyOf(mark)), kept);
    if (why !== null) return `partition ${formatName(mark)} ${why} on the source`;
  }
  const filled = joinedSince(then, now).find((mark) => older.has(formatName(mark)));
  return filled === undefined
    ? null
    : `partition ${formatName(filled)} was attached on the source, with rows from before`;
};

/** What rows were found in, by formatName. */
export interface RowsOfPartitions {
  /** Partitions with rows from before they were attached. */
  readonly older: ReadonlySet<string>;
  /** Partitions with rows from before they were marked. */
  readonly kept: ReadonlySet<string>;
}

/** It has the name that it had: whoever wrote to what had this name meanwhile, wrote to another table. */
const wasRenamed = (then: TableMark, now: TableMark): boolean =>
  then.named?.some(({ xmin, rest }, index) => {
    const current = now.named?.[index];
    return current?.xmin !== xmin && current?.rest === rest;
  }) === true;

/** What is said where types were altered so that rows have other values without being written. */
export const otherTypes = 'the type of a column was altered';

/** Labels and columns may be added. */
export const lacksTypes = (
  then: readonly string[] | undefined,
  now: readonly string[] | undefined,
): boolean => {
  const found = new Set(now);
  return then?.some((fact) => !found.has(fact)) === true;
};

/** The table and its leaves whose rows are in another file now; VACUUM FULL alone does that. */
export const withOtherFile = (
  then: TableMark,
  now: TableMark | undefined,
): readonly QualifiedName[] => {
  if (now?.oid !== then.oid || then.file === undefined) return [];
  const files = new Map(now.partitions.map(({ oid, file }) => [oid, file]));
  const leaves = then.partitions.filter(
    ({ oid, leaf, file }) => leaf && files.has(oid) && files.get(oid) !== file,
  );
  return [...(then.file === now.file ? [] : [then]), ...leaves].map(({ schema, name }) => ({
    schema,
    name,
  }));
};

const keyOf = ({ oid, parent }: PartitionMark): string => `${oid} ${parent}`;

const whyMoved = (
  then: PartitionMark,
  now: PartitionMark | undefined,
  kept: ReadonlySet<string>,
): string | null => {
  if (now === undefined) return 'was detached or dropped';
  if (now.xmin !== then.xmin) return 'was detached and attached again';
  return mayBeTruncated(then, now) && !kept.has(formatName(now)) ? 'was truncated' : null;
};

/** Leaves that were truncated, or written again by VACUUM FULL or CLUSTER, which keep the rows of earlier transactions. */
export const doubtfulLeaves = (
  { partitions }: TableMark,
  now: TableMark | undefined,
): readonly PartitionMark[] => {
  const known = new Map(partitions.map((mark) => [keyOf(mark), mark]));
  return (now?.partitions ?? []).filter((mark) => {
    const then = known.get(keyOf(mark));
    return then !== undefined && mayBeTruncated(then, mark);
  });
};

/** The rows of the table, or of one of its partitions, are in another file. */
const wasRewritten = (then: TableMark, now: TableMark): boolean => {
  const files = new Map(now.partitions.map(({ oid, file }) => [oid, file]));
  return (
    then.file !== now.file ||
    then.partitions.some(({ oid, file }) => files.has(oid) && files.get(oid) !== file)
  );
};

/** What writes rows as new ones gives a table another TOAST table; without one it may be anything. */
const mayBeTruncated = (then: PartitionMark, now: PartitionMark): boolean =>
  then.leaf &&
  then.file !== now.file &&
  then.toast === now.toast &&
  (then.toast === 0 || then.toastFile !== now.toastFile);

/** Partitions with rows that were tables before, and have joined since. */
export const joinedSince = (
  { partitions }: TableMark,
  now: TableMark | undefined,
): readonly PartitionMark[] => {
  const known = new Set(partitions.map(keyOf));
  return (now?.partitions ?? []).filter(
    (mark) => mark.leaf && mark.attached && !known.has(keyOf(mark)),
  );
};
