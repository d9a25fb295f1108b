// Which rows differ between a table of two nodes: sums of buckets first, then the keys of the buckets that differ. Reads each
// side at one snapshot. Counts and keys are complete; memory does not grow with the table.

import type { Session } from '../../postgres/session.ts';
import { atOneMoment } from './at-one-moment.ts';
import type { Suspicion, TableCounts, TableToCompare } from './compared-table.ts';
import { withCopy } from './copy-lines.ts';
import { copyBuckets } from './end-sql.ts';
import { type MatchedEnds, matchEnds } from './match-ends.ts';
import { mergeKeys } from './merge-keys.ts';
import {
  bucketsFor,
  differingBuckets,
  type ReadingPace,
  readBuckets,
  rowsIn,
} from './read-buckets.ts';
import { readEnd } from './read-end.ts';

/** Those of one node, for this comparison alone. */
export type Readers = readonly [Session, ...Session[]];

export interface CompareWork extends ReadingPace {
  readonly a: Readers;
  readonly b: Readers;
  /** Snapshots that other sessions hold. Absent: as it is now. */
  readonly moments?: { readonly a: string; readonly b: string };
  /** Before rows are read, while the table is locked: whether code of others would run. */
  readonly guard: (session: Session, table: TableToCompare) => Promise<void>;
  /** Between the snapshot of a and that of b: waits until b has what a shows, or for as long as that makes sense. */
  readonly between: () => Promise<void>;
  /** Only the numbers of rows are compared at first; where they are the same, nothing else is. */
  readonly fast: boolean;
  /** Keys that differ, some at a time; no more are read until it resolves. */
  readonly onSuspicions: (some: readonly Suspicion[], ends: MatchedEnds) => Promise<void>;
}

export interface TableResult extends TableCounts {
  /** Null: rows are told apart by all of their values. */
  readonly key: readonly string[] | null;
  /** Only the numbers of rows were compared. */
  readonly counted: boolean;
}

/** @throws SteepError COMPARE_COLUMNS, HASH_TYPE_UNTRUSTED, RUNS_FOREIGN_CODE, TABLE_REPLACED; pg's error, as for a lock. */
export const compareTable = (table: TableToCompare, work: CompareWork): Promise<TableResult> =>
  atOneMoment(
    work.a,
    table.table,
    async (kindsA) => {
      const [a] = work.a;
      await work.guard(a, table);
      const endA = await readEnd(a, table.table, kindsA, table.columns);
      await work.between();
      return atOneMoment(
        work.b,
        table.table,
        async (kindsB) => {
          const [b] = work.b;
          await work.guard(b, table);
          const endB = await readEnd(b, table.table, kindsB, table.columns);
          return compareEnds(matchEnds(table, endA, endB), work);
        },
        work.moments?.b,
      );
    },
    work.moments?.a,
  );

const compareEnds = async (ends: MatchedEnds, work: CompareWork): Promise<TableResult> => {
  const keyColumns = ends.a.key.map(({ column }) => column);
  const key = keyColumns.length === 0 ? null : keyColumns;
  if (work.fast) {
    const counts = await readBoth(ends, 0, work);
    const [rowsA, rowsB] = counts.map(rowsIn) as [number, number];
    if (rowsA === rowsB) {
      const none = { different: 0, onlyA: 0, onlyB: 0 };
      return { rowsA, rowsB, equal: rowsA, ...none, key, counted: true };
    }
  }
  const buckets = bucketsFor(ends.a, ends.b);
  const [a, b] = await readBoth(ends, buckets, work);
  const differing = differingBuckets(a, b);
  const found = await drill(ends, buckets, differing, work);
  const [rowsA, rowsB] = [rowsIn(a), rowsIn(b)];
  const equal = rowsA - found.different - found.onlyA;
  return { rowsA, rowsB, equal, ...found, key, counted: false };
};

const readBoth = (ends: MatchedEnds, buckets: number, work: CompareWork) =>
  Promise.all([
    readBuckets(work.a, ends.a, buckets, work),
    readBuckets(work.b, ends.b, buckets, work),
  ]);

type Found = Pick<TableCounts, 'different' | 'onlyA' | 'onlyB'>;

const suspicionsAtOnce = 500;

/** Reads the rows of these buckets on both sides, and counts what is not the same. */
const drill = async (
  ends: MatchedEnds,
  buckets: number,
  wanted: readonly number[],
  work: CompareWork,
): Promise<Found> => {
  if (wanted.length === 0) return { different: 0, onlyA: 0, onlyB: 0 };
  const [a] = work.a;
  const [b] = work.b;
  return withCopy(a, copyBuckets(ends.a, buckets, wanted), (left) =>
    withCopy(b, copyBuckets(ends.b, buckets, wanted), (right) =>
      report(mergeKeys(left, right), ends, work),
    ),
  );
};

const report = async (
  suspicions: AsyncIterable<Suspicion>,
  ends: MatchedEnds,
  { onSuspicions, signal }: CompareWork,
): Promise<Found> => {
  const found = { different: 0, onlyA: 0, onlyB: 0 };
  let some: Suspicion[] = [];
  for await (const suspicion of suspicions) {
    signal.throwIfAborted();
    const both = ends.a.key.length === 0 ? 0 : Math.min(suspicion.a, suspicion.b);
    found.different += both;
    found.onlyA += suspicion.a - both;
    found.onlyB += suspicion.b - both;
    some.push(suspicion);
    if (some.length < suspicionsAtOnce) continue;
    await onSuspicions(some, ends);
    some = [];
  }
  if (some.length > 0) await onSuspicions(some, ends);
  return found;
};
