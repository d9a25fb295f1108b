// What a table is, in every respect that its fingerprint counts. Texts are deparsed by the server with an empty
// search_path: names of other schemas than pg_catalog are spelled out.

import type { QualifiedName } from '../identifier.ts';

export interface TableDefinition {
  readonly name: QualifiedName;
  /** In the order of the table; dropped ones are gone. */
  readonly columns: readonly ColumnDefinition[];
  readonly identity: IdentityDefinition;
  readonly unlogged: boolean;
  /** `RANGE (at)`; null: not partitioned. */
  readonly partitionKey: string | null;
  /** The partitioned table that it is a partition of, or the tables it inherits from. */
  readonly parents: readonly QualifiedName[];
  /** `FOR VALUES …` or `DEFAULT`; null: no partition. */
  readonly bound: string | null;
  /** Without those that a partition has of its parent, and without NOT NULL. By name. */
  readonly constraints: readonly ConstraintDefinition[];
  /** Those that no constraint owns, without a partition's share of its parent's. By name. */
  readonly indexes: readonly IndexDefinition[];
  /** The user's own types and collations that its columns use, directly or inside of others. By name. */
  readonly types: readonly TypeDefinition[];
}

export interface ColumnDefinition {
  readonly name: string;
  /** With its modifier: `numeric(10,2)`. */
  readonly type: string;
  readonly notNull: boolean;
  /** The default, or what a generated column is computed from. */
  readonly expression: string | null;
  readonly identity: 'always' | 'by default' | null;
  readonly generated: 'stored' | 'virtual' | null;
  /** Null: that of the type. */
  readonly collation: string | null;
}

/** REPLICA IDENTITY. */
export interface IdentityDefinition {
  readonly mode: 'default' | 'full' | 'nothing' | 'index';
  /** By which a row is found: those of the index, or of the primary key; null: there is none. */
  readonly columns: readonly string[] | null;
  /** Of mode `index`; null also where the index is a partition's share of its parent's. */
  readonly index: string | null;
}

export type ConstraintKind =
  | 'primary key'
  | 'unique'
  | 'exclusion'
  | 'check'
  | 'foreign key'
  | 'not null';

export interface ConstraintDefinition {
  readonly name: string;
  readonly kind: ConstraintKind;
  /** As after ADD CONSTRAINT name: `CHECK ((total > 0))`. */
  readonly definition: string;
}

export interface IndexDefinition {
  readonly name: string;
  /** The whole CREATE INDEX. */
  readonly definition: string;
  readonly unique: boolean;
  /** False: CREATE INDEX CONCURRENTLY failed half way, or an index of partitions is not complete. */
  readonly valid: boolean;
}

export type TypeDefinition = { readonly name: QualifiedName } & (
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | ({ readonly kind: 'domain' } & DomainDefinition)
  | { readonly kind: 'composite'; readonly attributes: readonly AttributeDefinition[] }
  | ({ readonly kind: 'range' } & RangeDefinition)
  /** No type, but a part of what values are: which are equal, and in which order. */
  | ({ readonly kind: 'collation' } & CollationDefinition)
  /** The type of the multirange of a range. */
  | { readonly kind: 'multirange' }
  /** Code, as a rule of an extension: its name says all that is known. */
  | { readonly kind: 'base' }
);

export interface DomainDefinition {
  readonly base: string;
  readonly notNull: boolean;
  readonly expression: string | null;
  readonly collation: string | null;
  readonly checks: readonly { readonly name: string; readonly definition: string }[];
}

export interface AttributeDefinition {
  readonly name: string;
  readonly type: string;
  readonly collation: string | null;
}

export interface CollationDefinition {
  readonly provider: 'icu' | 'libc' | 'builtin';
  readonly locale: string;
  /** LC_CTYPE; null: the provider has no other than that of the locale. */
  readonly ctype: string | null;
  /** False: values that differ may be equal. */
  readonly deterministic: boolean;
  /** Of ICU, from PostgreSQL 16 on. */
  readonly rules: string | null;
}

export interface RangeDefinition {
  readonly subtype: string;
  /** Null: the default of the subtype. */
  readonly operatorClass: string | null;
  readonly collation: string | null;
  readonly canonical: string | null;
  readonly subtypeDiff: string | null;
  readonly multirange: string;
}
