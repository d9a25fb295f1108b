// Code of others that would run with the rights of steep's role when steep reads or fills a table.

import type { NodeName } from './address.ts';
import type { QualifiedName } from './identifier.ts';

/** fill: rows are inserted; scan: a query reads the table; empty: TRUNCATE, or DELETE of all rows. */
export const tableUses = ['fill', 'scan', 'empty'] as const;
export type TableUse = (typeof tableUses)[number];

/** A function of a role that steep's role does not trust, and what of a table calls it. */
export interface ForeignCode {
  /** By formatName: the table that was asked for, also where a partition of it calls the function. */
  readonly table: string;
  readonly use: TableUse;
  /** As in `trigger audit` or `index items_idx of public.items_2026`. */
  readonly caller: string;
  /** The column whose default it is: it runs only where the column gets no value. Null: always. */
  readonly defaultOf: string | null;
  /** With its schema and the types of its arguments. */
  readonly function: string;
  readonly owner: string;
}

/** What consent is given to: this function, of this owner, where this node reads or fills this table. */
export interface ConsentedCode {
  readonly node: NodeName;
  readonly table: string;
  readonly function: string;
  readonly owner: string;
}

/** Defaults of columns that get a value do not run. `columns` null: which get one is not known. */
export const runsWith = (
  { defaultOf }: ForeignCode,
  columns: ReadonlySet<string> | null,
): boolean => defaultOf === null || columns?.has(defaultOf) !== true;

/** `public.audit() of role shop (trigger audit)`. */
export const describeForeignCode = ({ function: name, owner, caller }: ForeignCode): string =>
  `${name} of role ${owner} (${caller})`;

/** A table, and the columns of it that get a value. Null: which ones is not known. */
export interface UsedTable {
  readonly name: QualifiedName;
  readonly columns: readonly string[] | null;
}
