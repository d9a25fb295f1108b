// A fingerprint of the rows of each table, to prove that two nodes hold the same: independent of the
// order of rows and columns, equal across majors. Reads every row: for verification, never for plans.

import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { onlyTable, readTableKinds, type TableKinds } from '../postgres/sql/named-tables.ts';
import { ddl, type Sql, sql, verbatim } from '../postgres/sql/sql.ts';
import { readHashedColumns } from './read-hashed-columns.ts';
import { type HashedColumn, rowHash } from './row-hash.ts';

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

/**
 * Fingerprints by `formatName` of the table, without children by inheritance, which are tables of their own. One query
 * reads the columns, then one each table.
 * @throws SteepError HASH_TYPE_UNTRUSTED (exit 3); pg's error where a table is not there.
 */
export async function hashTables(
  session: Session,
  tables: readonly HashedTable[],
): Promise<Readonly<Record<string, TableHash>>> {
  const columns = await readHashedColumns(session, tables, (name, column) =>
    tables.some((table) => isOf(table, name, column)),
  );
  const kinds = await readTableKinds(session, tables);
  const hashes: Record<string, TableHash> = {};
  for (const table of tables) {
    const own = columns.filter((it) => isOf(table, it.table, it.column));
    const [row] = await session.query<TableHash>(selectHash(table, own, kinds));
    if (row) hashes[formatName(table)] = row;
  }
  return hashes;
}

const isOf = (table: HashedTable, { schema, name }: QualifiedName, column: string): boolean =>
  table.schema === schema && table.name === name && table.columns?.includes(column) !== false;

const filterOf = ({ where }: HashedTable): Sql =>
  typeof where === 'string' ? ddl`WHERE (${verbatim(where)})` : ddl``;

const selectHash = (
  table: HashedTable,
  columns: readonly HashedColumn[],
  kinds: TableKinds,
): Sql => sql`
  SELECT pg_catalog.count(*) AS rows,
         coalesce(pg_catalog.sum(${rowHash(columns)}), 0)::text AS hash
    FROM ${onlyTable(table, kinds)} ${filterOf(table)}`;
