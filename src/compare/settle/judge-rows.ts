// What the rows of one key say, read on both sides. Pure.

import type { RowReading } from '../difference/end-sql.ts';

export type RowVerdict = 'equal' | 'different' | 'only_a' | 'only_b';

export interface JudgedRows {
  readonly verdict: RowVerdict;
  /** Rows that are on both sides with different values. */
  readonly different: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** Indexes of the columns that differ; of one row on each side alone. */
  readonly columns: readonly number[];
}

type Rows = readonly RowReading[];

const content = ({ hash, values }: RowReading): string => `${hash} ${JSON.stringify(values)}`;

/** Whether these are the very same versions of the rows. */
export const isSameVersion = (before: Rows, after: Rows): boolean => {
  const versions = (rows: Rows): string =>
    JSON.stringify(rows.map(({ version }) => version).toSorted());
  return versions(before) === versions(after);
};

export const judgeRows = (a: Rows, b: Rows, keyed: boolean): JudgedRows => {
  const left = Map.groupBy(b, content);
  let same = 0;
  for (const row of a) if (left.get(content(row))?.pop() !== undefined) same += 1;
  const [restA, restB] = [a.length - same, b.length - same];
  const different = keyed ? Math.min(restA, restB) : 0;
  const counts = { different, onlyA: restA - different, onlyB: restB - different };
  return { verdict: verdictOf(counts), ...counts, columns: columnsOf(a, b) };
};

const verdictOf = ({
  different,
  onlyA,
  onlyB,
}: Omit<JudgedRows, 'verdict' | 'columns'>): RowVerdict => {
  if (different > 0) return 'different';
  if (onlyA > 0) return 'only_a';
  return onlyB > 0 ? 'only_b' : 'equal';
};

const columnsOf = ([a, ...othersA]: Rows, [b, ...othersB]: Rows): readonly number[] => {
  if (a === undefined || b === undefined || othersA.length + othersB.length > 0) return [];
  return a.values.flatMap((value, index) => (value === b.values[index] ? [] : [index]));
};
