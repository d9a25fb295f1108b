// Reads the columns of tables as they are hashed, and refuses those whose values would be written by code of users.

import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';
import type { HashedColumn } from './row-hash.ts';

export interface TableColumn extends HashedColumn {
  readonly table: QualifiedName;
}

interface ColumnRow {
  readonly schema: string;
  readonly name: string;
  readonly column: string;
  readonly base_schema: string | null;
  readonly base_name: string | null;
  readonly built_in: string | null;
  readonly output: string | null;
  readonly untrusted: string | null;
}

/**
 * In order of the columns' names within each table.
 * @throws SteepError HASH_TYPE_UNTRUSTED (exit 3), which names the columns: of those that `isHashed` wants.
 */
export const readHashedColumns = async (
  session: Session,
  tables: readonly QualifiedName[],
  isHashed: (table: QualifiedName, column: string) => boolean,
): Promise<readonly TableColumn[]> => {
  const found = await session.query<ColumnRow>(selectColumns(tables));
  const rows = found.filter((row) => isHashed(row, row.column));
  assertTrusted(session, rows);
  return rows.map(({ schema, name, column, base_schema, base_name, built_in, output }) => ({
    table: { schema, name },
    column,
    base:
      base_schema === null || base_name === null ? null : { schema: base_schema, name: base_name },
    builtIn: built_in,
    output,
  }));
};

const assertTrusted = ({ node }: Session, rows: readonly ColumnRow[]): void => {
  const untrusted = rows.flatMap((row) =>
    row.untrusted === null ? [] : [`${formatName(row)}.${row.column} (${row.untrusted})`],
  );
  if (untrusted.length === 0) return;
  throw new SteepError(
    'HASH_TYPE_UNTRUSTED',
    `Node ${node}: these columns cannot be hashed, because the output function of their type is neither built in nor written in C: ${untrusted.join(', ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Compare the number of rows only: steep init prepare … --evidence counts'],
    },
  );
};

/**
 * Of the types of the CTE `columns`: `bases`, below domains; `parts`, each type with all that its values hold, since
 * writing an array, a composite, a range or a domain calls the output functions of those; `untrusted`, of these the ones
 * that may be code of users. Only superusers can bring a function in C.
 */
const typeParts: Sql = sql`
  bases (root, type) AS (
    SELECT DISTINCT k.atttypid, k.atttypid FROM columns AS k
     UNION ALL
    SELECT b.root, t.typbasetype
      FROM bases AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'),
  parts (root, type) AS (
    SELECT DISTINCT k.atttypid, k.atttypid FROM columns AS k
     UNION
    SELECT p.root, i.type
      FROM parts AS p
      JOIN pg_catalog.pg_type AS t ON t.oid = p.type
     CROSS JOIN LATERAL (
        SELECT t.typelem
         UNION ALL SELECT t.typbasetype
         UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                    WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         UNION ALL SELECT g.rngsubtype FROM pg_catalog.pg_range AS g WHERE g.rngtypid = t.oid
         UNION ALL SELECT g.rngtypid FROM pg_catalog.pg_range AS g WHERE g.rngmultitypid = t.oid
       ) AS i (type)
     WHERE i.type <> 0),
  untrusted (root, types) AS (
    SELECT p.root, pg_catalog.string_agg(pg_catalog.format_type(t.oid, NULL), ', ' ORDER BY t.oid)
      FROM parts AS p
      JOIN pg_catalog.pg_type AS t ON t.oid = p.type AND t.typtype <> 'd'
      JOIN pg_catalog.pg_proc AS o ON o.oid = t.typoutput
      JOIN pg_catalog.pg_language AS l ON l.oid = o.prolang AND l.lanname NOT IN ('internal', 'c')
     GROUP BY p.root)`;

const selectColumns = (tables: readonly QualifiedName[]): Sql => sql`
  WITH RECURSIVE columns AS MATERIALIZED (
    SELECT n.nspname, c.relname, a.attname, a.atttypid
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE a.attnum > 0 AND NOT a.attisdropped AND (n.nspname, c.relname) IN (
           SELECT * FROM ROWS FROM (
             pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
             pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])))),
  ${typeParts}
  SELECT k.nspname AS schema, k.relname AS name, k.attname AS column,
         CASE WHEN b.type <> k.atttypid THEN n.nspname END AS base_schema,
         CASE WHEN b.type <> k.atttypid THEN t.typname END AS base_name,
         CASE WHEN n.nspname = 'pg_catalog' THEN t.typname END AS built_in,
         CASE WHEN o.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND g.oid IS NOT NULL THEN o.proname END AS output,
         u.types AS untrusted
    FROM columns AS k
    JOIN bases AS b ON b.root = k.atttypid
    JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype <> 'd'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    JOIN pg_catalog.pg_proc AS o ON o.oid = t.typoutput
    -- That of refcursor is the one of text, and cannot be called for it.
    LEFT JOIN pg_catalog.pg_type AS g ON g.oid = o.proargtypes[0] AND (g.oid = t.oid OR g.typtype = 'p')
    LEFT JOIN untrusted AS u ON u.root = k.atttypid
   ORDER BY k.nspname, k.relname, k.attname COLLATE pg_catalog."C"`;
