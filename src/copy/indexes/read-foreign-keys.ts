// Reads the foreign keys of the target that a copy can drop and re-create, and those of the source, which prove that
// the rows will satisfy them.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

export interface ForeignKey {
  readonly oid: number;
  readonly table: QualifiedName;
  readonly name: string;
  readonly referenced: QualifiedName;
  /** Equal for foreign keys between the same columns of the same tables. */
  readonly meaning: string;
  readonly valid: boolean;
  /** Add it without looking at the rows. */
  readonly add: readonly string[];
  /** Then look at the rows; empty: it was not valid before. */
  readonly validate: readonly string[];
}

/** Those between ordinary tables, both of which the role owns; of partitioned tables they stay. */
export const readForeignKeys = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly ForeignKey[]> => {
  const rows = await session.query<ForeignKeyRow>(foreignKeyQuery(tables));
  return rows.map(({ schema, table_name, referenced_schema, referenced_name, ...rest }) => ({
    ...rest,
    table: { schema, name: table_name },
    referenced: { schema: referenced_schema, name: referenced_name },
  }));
};

const foreignKeyQuery = (tables: readonly QualifiedName[]): Sql => sql`
    WITH wanted AS MATERIALIZED (
      SELECT c.oid FROM ROWS FROM (
               pg_catalog.unnest(${tables.map(({ schema }) => schema)}::name[]),
               pg_catalog.unnest(${tables.map(({ name }) => name)}::name[])) AS t (schema, name)
        JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
         AND c.relkind = 'r' AND NOT c.relispartition AND pg_catalog.pg_has_role(c.relowner, 'USAGE'))
    SELECT k.oid::int8 AS oid, n.nspname AS schema, c.relname AS table_name, k.conname AS name,
           rn.nspname AS referenced_schema, r.relname AS referenced_name, k.convalidated AS valid,
           pg_catalog.json_build_array(n.nspname, c.relname, rn.nspname, r.relname,
             (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, b.attname) ORDER BY a.attname, b.attname)
                FROM ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) AS p (mine, theirs)
                JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = p.mine
                JOIN pg_catalog.pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = p.theirs))::text AS meaning,
           ARRAY[pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s%s', n.nspname, c.relname, k.conname,
                   pg_catalog.pg_get_constraintdef(k.oid), CASE WHEN k.convalidated THEN ' NOT VALID' END)]
             || coalesce((SELECT ARRAY[pg_catalog.format('COMMENT ON CONSTRAINT %I ON %I.%I IS %L', k.conname, n.nspname,
                                 c.relname, d.description)]
                   FROM pg_catalog.pg_description AS d
                  WHERE d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid), '{}') AS add,
           CASE WHEN k.convalidated
                THEN ARRAY[pg_catalog.format('ALTER TABLE %I.%I VALIDATE CONSTRAINT %I', n.nspname, c.relname, k.conname)]
                ELSE '{}' END AS validate
      FROM pg_catalog.pg_constraint AS k
      JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class AS r ON r.oid = k.confrelid
      JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
     WHERE k.contype = 'f' AND k.conparentid = 0
       AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, TRUE)
       AND k.conrelid IN (SELECT w.oid FROM wanted AS w) AND k.confrelid IN (SELECT w.oid FROM wanted AS w)
     ORDER BY n.nspname, c.relname, k.conname`;

interface ForeignKeyRow extends Omit<ForeignKey, 'table' | 'referenced'> {
  readonly schema: string;
  readonly table_name: string;
  readonly referenced_schema: string;
  readonly referenced_name: string;
}
