// Code of others that would run with the rights of steep's role when steep reads, fills or alters a table.

import type { QualifiedName } from '../identifier.ts';
import type { NodeName } from './address.ts';

/**
 * fill: rows are stored; write: by INSERT, UPDATE and DELETE, on which rules act too; scan: a query reads the table; empty:
 * TRUNCATE, or DELETE of all rows; alter: ALTER TABLE checks or converts the rows.
 */
export const tableUses = ['fill', 'write', 'scan', 'empty', 'alter'] as const;
export type TableUse = (typeof tableUses)[number];

/**
 * A function of a role that steep's role does not trust, and what of a table calls it. Or a function that acts with the
 * rights of its caller (it runs SQL, reads files, ends sessions), where such a role wrote the expression that calls it.
 */
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
  /** Who wrote the expression, where it is not for its owner that the function is named; else null or absent. */
  readonly author?: string | null;
}

/** An event trigger whose function belongs to a role that is not trusted. */
export interface EventTrigger {
  readonly name: string;
  /** As in `ddl_command_end` or `login`. */
  readonly event: string;
  /** With its schema. */
  readonly function: string;
  readonly owner: string;
}

/** As sentences name it. */
export const describeEventTrigger = (trigger: EventTrigger): string =>
  `${trigger.function} of role ${trigger.owner} (event trigger ${trigger.name} on ${trigger.event})`;

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

/** `public.audit() of role shop (trigger audit)`, `pg_read_file(text) as role shop calls it (default of note)`. */
export const describeForeignCode = (code: ForeignCode): string => {
  const { function: name, owner, caller, author } = code;
  return `${name} ${author ? `as role ${author} calls it` : `of role ${owner}`} (${caller})`;
};

/** A table, and the columns of it that get a value. Null: which ones is not known. */
export interface UsedTable {
  readonly name: QualifiedName;
  readonly columns: readonly string[] | null;
}
