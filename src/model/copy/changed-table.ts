// A table that a copy has filled, and that does not hold exactly the rows of the copy any more.

import { formatName, type QualifiedName } from '../identifier.ts';

export interface ChangedTable {
  readonly table: QualifiedName;
  /** Rows that the copy has stored. */
  readonly expected: number;
  /** Rows that are there. Null: they were not counted, since nothing would be proven by it. */
  readonly found: number | null;
  /** Of the rows that are there, those that no transaction of the copy has stored. */
  readonly foreign: number;
  /** It was not read, since that would run code of a role that is not trusted. */
  readonly unread?: true;
  /** Its rows on the source are not those of the copy and its slot any more: why. */
  readonly replaced?: string;
}

/** Of `replaced`. */
export const otherTarget = 'the subscriber has another table of this name, or none';

/** Without numbers, which change from look to look: `rows are missing`. */
export const kindOfChange = ({
  expected,
  found,
  foreign,
  unread,
  replaced,
}: ChangedTable): string => {
  if (replaced !== undefined) return replaced;
  if (unread === true) return 'reading it would run code of a role that is not trusted';
  if (found === null) return 'its checkpoints do not say which transactions stored its rows';
  if (foreign > 0) return 'rows were inserted or updated after the copy';
  return found < expected ? 'rows are missing' : 'it has more rows than were copied';
};

/** `public.orders (rows are missing: 3 rows instead of 5)`. */
export const describeChange = (changed: ChangedTable): string => {
  const { table, expected, found, foreign } = changed;
  const rows = foreign === 0 ? '' : `, ${foreign} of them not stored by the copy`;
  const numbers = found === null ? '' : `: ${found} rows instead of ${expected}${rows}`;
  return `${formatName(table)} (${kindOfChange(changed)}${numbers})`;
};
