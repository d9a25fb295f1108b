// Names of SQL objects: comparing, quoting and splitting them as PostgreSQL does.
// Quoting here is for people and for canonical keys; SQL text is built in postgres/sql.ts.

import { reservedWords } from './reserved-words.ts';
import { metadataSchema } from './state/metadata-version.ts';

/** The name of a table (or another object that lives in a schema). */
export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1 bytes). */
export const maxIdentifierBytes = 63;

const plainIdentifier = /^[a-z_][a-z0-9_$]*$/;

/** Quotes a name where SQL needs it, as pg_catalog.quote_ident does. */
export const quoteIdentifier = (name: string): string =>
  plainIdentifier.test(name) && !reservedWords.has(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** The one text for a table name: a key for maps and what people read. */
export const formatName = (name: QualifiedName): string =>
  `${quoteIdentifier(name.schema)}.${quoteIdentifier(name.name)}`;

/** All tables of a schema, as TABLES IN SCHEMA publishes them; no table has such a name. */
export const everyTableOf = (schema: string): string => `${quoteIdentifier(schema)}.*`;

/** Orders text by code point, the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const compareNames = (a: QualifiedName, b: QualifiedName): number =>
  compareText(a.schema, b.schema) || compareText(a.name, b.name);

/** Whether PostgreSQL keeps the schema for itself, or steep does: no rows are copied into it. */
export const isReservedSchema = (schema: string): boolean =>
  schema.startsWith('pg_') || schema === 'information_schema' || schema === metadataSchema;

/** A constant of SQL, in text for people. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
