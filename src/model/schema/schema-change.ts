// What brings the tables of a subscriber in line with its publisher: statements as data, made from the
// catalogs of both. Knows no server and no engine.

import type { QualifiedName } from '../identifier.ts';

/** What happens where the tables of a subscriber differ from what is published to it. */
export const schemaSyncs = [
  /** The plan is blocked. */
  'strict',
  /** The plan brings the subscriber in line. */
  'auto',
  /** The plan continues after consent: another session sees to it. */
  'manual',
] as const;

export type SchemaSync = (typeof schemaSyncs)[number];

/** Kinds of schema objects that follow the published tables; sub-objects of a table are told by `part`. */
export type SchemaObjectKind = 'table' | 'schema' | 'type' | 'sequence' | 'function' | 'extension';

/** Something that DDL is about: a table, or what a table needs. */
export interface SchemaObject {
  readonly kind: SchemaObjectKind;
  /** As SQL writes it: `public.orders`. */
  readonly name: string;
}

/** When a statement may run while changes flow: what is added comes first on the subscriber. */
export type SchemaPhase =
  /** Before the publisher sends what needs it. */
  | 'before'
  /** Where the subscriber has applied what was sent under the old name, and before it continues with the new one. */
  | 'renames'
  /** After the subscriber has applied what was sent before: it takes something away. */
  | 'after';

/** One DDL statement. */
export interface SchemaStatement {
  readonly sql: string;
  readonly object: SchemaObject;
  /** The part of the object: `column total`, `constraint orders_pkey`, `index orders_day`; null: itself. */
  readonly part: string | null;
  readonly verb: 'create' | 'alter' | 'drop';
  readonly phase: SchemaPhase;
  /** The strongest lock on a table, with PostgreSQL's name; null: none. */
  readonly lock: string | null;
  /** It is about a table that is there already: a user may use it. */
  readonly inUse: boolean;
  /** Data of the subscriber may be lost. */
  readonly losesData: boolean;
  /** A table that is there already is written again. */
  readonly rewrites: boolean;
  /** What it gives another name: `column old to new`. */
  readonly renames?: string;
  /** Of a column that is added to a table or dropped: its name and its type. */
  readonly column?: { readonly name: string; readonly type: string };
}

/**
 * A part of a statement that is code of another server or of a file: it may run with the rights of the role that uses
 * it.
 */
export interface CarriedCode {
  /** As the statement has it: a column with its default, a constraint, a whole function. */
  readonly text: string;
  /** The end of a sentence: `it calls pg_read_file()`. */
  readonly why: string;
}

/** A statement that was examined, and may run once its code is agreed to. */
export interface AdmittedStatement extends SchemaStatement {
  /** The role that it runs as, and who owns what it creates; null: steep's own role. */
  readonly role: string | null;
  readonly code: readonly CarriedCode[];
  /** Tables that are there already, whose rows it checks or converts: what is attached to them may run. */
  readonly usesRowsOf: readonly QualifiedName[];
  /** Columns that it adds to a table that is there already, and whose values there are this node's own. */
  readonly ownValues: readonly string[];
}

/** A statement that is not run, whether or not it is allowed. */
export interface RefusedStatement {
  readonly sql: string;
  readonly object: SchemaObject;
  /** A whole sentence, and what to do. */
  readonly why: string;
  readonly cure: string;
}

/** What the DDL engine proposes for a subscriber that lacks something of what is published to it. */
export interface SchemaProposal {
  /** In an order in which they can run. */
  readonly statements: readonly SchemaStatement[];
  /** Differences for which no statement can be made, one phrase each. */
  readonly unsupported: readonly string[];
  /** What a user has to decide. */
  readonly refused: readonly RefusedStatement[];
}

/** The same, examined: no statement reaches a plan without it. */
export interface SchemaAlignment extends SchemaProposal {
  readonly statements: readonly AdmittedStatement[];
  /** With what the examination refused: empty, or nothing of it is run. */
  readonly refused: readonly RefusedStatement[];
}

/** A published table, and which of its columns are sent; null: all of them. */
export interface SentTable {
  readonly table: QualifiedName;
  readonly columns: readonly string[] | null;
}
