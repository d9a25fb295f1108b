// Reads the indexes of the target that a copy can drop and re-create: what they are, the statements that make them, and
// what depends on them.

import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { namesForeignType } from './foreign-types.ts';

export interface DeferrableIndex {
  readonly table: QualifiedName;
  readonly name: string;
  /** Of the constraint that the index serves; null: it is an index alone. */
  readonly constraint: string | null;
  /** Make the index, with its tablespace, comment and statistics targets. */
  readonly build: readonly string[];
  /** Afterwards: make the constraint of it, and give the table its marks (identity, cluster) again. */
  readonly attach: readonly string[];
  /** OIDs of the foreign keys that refer to it. */
  readonly foreignKeys: readonly number[];
}

/**
 * Of ordinary tables that the role owns: valid indexes on which nothing depends but foreign keys, that are no
 * part of an extension, and that are not the identity of a table that is published further; nor name types of other roles.
 * An exclusion constraint cannot be made of an index: it is built with its constraint.
 */
export const readIndexes = async (
  session: Session,
  tables: readonly number[],
): Promise<readonly DeferrableIndex[]> => {
  const rows = await session.query<IndexRow>(indexQuery(session, tables));
  return rows.map(({ schema, table_name, constraint_name, foreign_keys, ...rest }) => ({
    ...rest,
    table: { schema, name: table_name },
    constraint: constraint_name,
    foreignKeys: foreign_keys,
  }));
};

/** Whose index cannot be built before the constraint. */
const isExclusion: Sql = sql`coalesce(k.contype = 'x' OR x.indisexclusion, FALSE)`;

/** Statements, of which the first two set the tablespace and make the index. */
const build: Sql = sql`
  ARRAY[pg_catalog.format('SET LOCAL default_tablespace = %L', coalesce(s.spcname, '')),
        pg_catalog.pg_get_indexdef(x.indexrelid)]
  || coalesce((SELECT ARRAY[pg_catalog.format('COMMENT ON INDEX %I.%I IS %L', n.nspname, i.relname, d.description)]
                 FROM pg_catalog.pg_description AS d
                WHERE d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objoid = i.oid AND d.objsubid = 0), '{}')
  || coalesce((SELECT pg_catalog.array_agg(pg_catalog.format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s',
                                             n.nspname, i.relname, a.attnum, a.attstattarget) ORDER BY a.attnum)
                 FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = i.oid AND a.attstattarget >= 0), '{}')`;

const constrain: Sql = sql`
  CASE WHEN ${isExclusion}
       THEN pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
              pg_catalog.pg_get_constraintdef(k.oid))
       WHEN k.oid IS NOT NULL
       THEN pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s USING INDEX %I%s%s', n.nspname, c.relname, k.conname,
              CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, i.relname,
              CASE WHEN k.condeferrable THEN ' DEFERRABLE' END,
              CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END) END`;

const attach: Sql = sql`
  pg_catalog.array_remove(ARRAY[
    ${constrain},
    (SELECT pg_catalog.format('COMMENT ON CONSTRAINT %I ON %I.%I IS %L', k.conname, n.nspname, c.relname, d.description)
       FROM pg_catalog.pg_description AS d
      WHERE d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid),
    CASE WHEN ${isExclusion} THEN (${build})[3] END,
    CASE WHEN x.indisclustered
         THEN pg_catalog.format('ALTER TABLE %I.%I CLUSTER ON %I', n.nspname, c.relname, i.relname) END,
    CASE WHEN x.indisreplident
         THEN pg_catalog.format('ALTER TABLE %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, c.relname, i.relname) END],
    NULL)`;

/** What needs the index, but for what goes with it: foreign keys, and others that cannot be re-created here. */
const dependents: Sql = sql`
  SELECT pg_catalog.json_agg(d.objid::int8) FILTER (WHERE r.contype = 'f') AS oids,
         pg_catalog.bool_or(r.contype IS DISTINCT FROM 'f') AS others
    FROM pg_catalog.pg_depend AS d
    LEFT JOIN pg_catalog.pg_constraint AS r
      ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND r.oid = d.objid
   WHERE d.deptype IN ('n', 'a')
     AND ((d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.oid)
          OR (d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.refobjid = k.oid))`;

const isFree: Sql = sql`
  NOT coalesce(f.others, FALSE)
  AND NOT (${isExclusion} AND i.reloptions IS NOT NULL)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e
                   WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = i.oid
                     AND e.deptype IN ('e', 'x'))
  AND NOT ((x.indisreplident OR (x.indisprimary AND c.relreplident = 'd')) AND EXISTS (
           SELECT FROM pg_catalog.pg_publication_tables AS p
            WHERE p.schemaname = n.nspname AND p.tablename = c.relname))`;

const indexQuery = (session: Session, tables: readonly number[]): Sql => sql`
  SELECT n.nspname AS schema, c.relname AS table_name, i.relname AS name, k.conname AS constraint_name,
         CASE WHEN ${isExclusion} THEN '{}' ELSE ${build} END AS build,
         CASE WHEN ${isExclusion} THEN (${build})[1:1] ELSE '{}' END || ${attach} AS attach,
         coalesce(f.oids, '[]') AS foreign_keys
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS c ON c.oid = x.indrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = i.reltablespace
    LEFT JOIN pg_catalog.pg_constraint AS k
      ON k.conindid = x.indexrelid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN LATERAL (${dependents}) AS f ON TRUE
   WHERE x.indrelid = ANY (${tables}::oid[]) AND c.relkind = 'r' AND NOT c.relispartition
     AND x.indisvalid AND x.indisready AND x.indislive AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
     AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')
     AND ${isFree} AND NOT ${namesForeignType(session, sql`'pg_catalog.pg_class'::pg_catalog.regclass`, sql`i.oid`)}
   ORDER BY n.nspname, c.relname, i.relname`;

interface IndexRow {
  readonly schema: string;
  readonly table_name: string;
  readonly name: string;
  readonly constraint_name: string | null;
  readonly build: readonly string[];
  readonly attach: readonly string[];
  readonly foreign_keys: readonly number[];
}
