// A fingerprint of the rows of each table, to prove that two nodes hold the same: independent of the
// order of rows and columns, equal across majors. Reads every row: for verification, never for plans.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, ident, join, qualified, type Sql, sql, verbatim } from '../postgres/sql.ts';

export interface TableHash {
  readonly rows: number;
  /** The sum of 64-bit hashes of all rows. */
  readonly hash: string;
}

/** A table, or a part of it. */
export interface HashedTable extends QualifiedName {
  /** All of them unless given; a name that the table does not have counts for nothing. */
  readonly columns?: readonly string[];
  /** A row filter as a publication has it. */
  readonly where?: string | null;
}

/** Fingerprints by `formatName` of the table. One query reads the columns, then one each table. */
export async function hashTables(
  session: Session,
  tables: readonly HashedTable[],
): Promise<Readonly<Record<string, TableHash>>> {
  const columns = await session.query<ColumnRow>(selectColumns(tables));
  const hashes: Record<string, TableHash> = {};
  for (const table of tables) {
    const own = columns.filter(
      ({ schema, name, column }) =>
        schema === table.schema && name === table.name && table.columns?.includes(column) !== false,
    );
    const [row] = await session.query<TableHash>(selectHash(table, own));
    if (row) hashes[formatName(table)] = row;
  }
  return hashes;
}

const filterOf = ({ where }: HashedTable): Sql =>
  typeof where === 'string' ? ddl`WHERE (${verbatim(where)})` : ddl``;

const selectHash = (table: HashedTable, columns: readonly ColumnRow[]): Sql => sql`
  SELECT pg_catalog.count(*) AS rows,
         coalesce(pg_catalog.sum(
           pg_catalog.hash_record_extended(ROW(${join(columns.map(hashable))}), 0)), 0)::text AS hash
    FROM ${qualified(table)} ${filterOf(table)}`;

/** Text is hashed as bytes: a collation that ignores case, or that a library updates, must not count. */
const hashable = ({ column, as_is: asIs }: ColumnRow): Sql =>
  asIs ? ident(column) : ddl`${ident(column)}::text COLLATE pg_catalog."C"`;

/**
 * A column is hashed as it is where its type has a 64-bit hash function that says the same on every server.
 * Not so: json, xml and geometry (none), arrays and composites (perhaps none inside), enums (their OID).
 */
const selectColumns = (tables: readonly QualifiedName[]): Sql => sql`
  SELECT n.nspname AS schema, c.relname AS name, a.attname AS column,
         base.typcollation = 0 AND EXISTS (
           SELECT FROM pg_catalog.pg_opclass AS o
             JOIN pg_catalog.pg_am AS m ON m.oid = o.opcmethod AND m.amname = 'hash'
             JOIN pg_catalog.pg_amproc AS p
               ON p.amprocfamily = o.opcfamily AND p.amprocnum = 2
              AND p.amproclefttype = base.oid AND p.amprocrighttype = base.oid
            WHERE o.opcintype = base.oid AND o.opcdefault) AS as_is
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type AS base ON base.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
   WHERE a.attnum > 0 AND NOT a.attisdropped AND (n.nspname, c.relname) IN (
         SELECT * FROM ROWS FROM (
           pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
           pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])))
   ORDER BY n.nspname, c.relname, a.attname COLLATE pg_catalog."C"`;

interface ColumnRow {
  readonly schema: string;
  readonly name: string;
  readonly column: string;
  readonly as_is: boolean;
}
