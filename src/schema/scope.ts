// Which tables a comparison is about, as a condition for the query of definitions.

import type { QualifiedName } from '../model/identifier.ts';
import { sql } from '../postgres/sql/sql.ts';
import type { Scope } from './definition-query.ts';

export const allTables: Scope = sql`TRUE`;

export const tablesIn = (schemas: readonly string[]): Scope =>
  sql`n.nspname = ANY (${schemas}::name[])`;

export const theseTables = (tables: readonly QualifiedName[]): Scope => sql`
  (n.nspname, c.relname) IN (SELECT * FROM ROWS FROM (
     pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
     pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])) AS wanted (schema, name))`;
