// Ids of tables, of their columns and of the parts of their types, which stay when a name changes: on record beside what a
// table is, so that a later plan knows what was renamed.

import type { QualifiedName } from '../model/identifier.ts';
import type { CatalogIds } from '../model/schema/renaming.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';
import type { Scope } from './definition-query.ts';
import { theseTables } from './scope.ts';

/** Rows `(schema, name, ids)`. */
export const catalogIdsOf = (scope: Scope): Sql => sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name,
           pg_catalog.jsonb_build_object(
             'relation', c.oid::text,
             'columns', COALESCE((
               SELECT pg_catalog.jsonb_object_agg(a.attname, a.attnum) FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '{}'),
             'labels', COALESCE(l.labels, '[]'), 'attributes', COALESCE(l.attributes, '[]')) AS ids
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (${ofTypes}) AS l
     WHERE c.relkind IN ('r', 'p') AND (${scope})`;

/** Of enums and composite types of users, wherever they are inside of a column's type. */
const ofTypes: Sql = sql`
               WITH RECURSIVE used (oid) AS (
                 SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid >= 16384
                  UNION
                 SELECT i.oid
                   FROM used AS u
                   JOIN pg_catalog.pg_type AS t ON t.oid = u.oid
                  CROSS JOIN LATERAL (
                    VALUES (t.typelem), (t.typbasetype)
                     UNION ALL
                    SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
                     WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0
                     UNION ALL
                    SELECT r.rngsubtype FROM pg_catalog.pg_range AS r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
                  ) AS i (oid)
                  WHERE i.oid >= 16384)
               SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(s.nspname, t.typname, (
                        SELECT pg_catalog.jsonb_object_agg(e.enumlabel, e.oid::text)
                          FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid)) ORDER BY t.oid)
                        FILTER (WHERE t.typtype = 'e') AS labels,
                      pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(s.nspname, t.typname, (
                        SELECT pg_catalog.jsonb_object_agg(a.attname, a.attnum) FROM pg_catalog.pg_attribute AS a
                         WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)) ORDER BY t.oid)
                        FILTER (WHERE r.relkind = 'c') AS attributes
                 FROM used AS u
                 JOIN pg_catalog.pg_type AS t ON t.oid = u.oid
                 JOIN pg_catalog.pg_namespace AS s ON s.oid = t.typnamespace
                 LEFT JOIN pg_catalog.pg_class AS r ON r.oid = t.typrelid`;

/** As they are. */
export const readCatalogIds = async (
  session: Session,
  tables: readonly QualifiedName[],
): Promise<readonly CatalogIds[]> => {
  const rows = await session.query<IdsRow>(sql`
    SELECT i.schema, i.name, i.ids FROM (${catalogIdsOf(theseTables(tables))}) AS i
     ORDER BY i.schema COLLATE "C", i.name COLLATE "C"`);
  return rows.map(toIds);
};

/**
 * Whether the columns of these tables still are those on record: a number for all of them on each side, so that no table has
 * to be read where nothing was renamed or dropped.
 */
export const haveRecordedColumns = async (
  session: Session,
  keeper: Session,
  node: string,
  tables: readonly QualifiedName[],
): Promise<boolean> => {
  const [recorded] = await keeper.query<{ readonly root: string | null }>(sql`
    SELECT ${rootOfColumns} AS root
      FROM (SELECT f.table_schema AS schema, f.table_name AS name, f.definition -> 'catalog_ids' ->> 'relation' AS relation,
                   f.definition -> 'catalog_ids' -> 'columns' AS columns
              FROM steep_repl.schema_fingerprints AS f
             WHERE f.node_id = ${node} AND ${isOneOf(tables)}) AS c`);
  const [found] = await session.query<{ readonly root: string | null }>(sql`
    SELECT ${rootOfColumns} AS root
      FROM (SELECT n.nspname::text AS schema, c.relname::text AS name, c.oid::text AS relation,
                   COALESCE(pg_catalog.jsonb_object_agg(a.attname, a.attnum) FILTER (WHERE a.attnum IS NOT NULL), '{}') AS columns
              FROM pg_catalog.pg_class AS c
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE c.relkind IN ('r', 'p') AND (${theseTables(tables)})
             GROUP BY n.nspname, c.relname, c.oid) AS c`);
  return recorded?.root === found?.root;
};

const rootOfColumns: Sql = sql`pg_catalog.hashtextextended(pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.schema, c.name,
             c.relation, c.columns), E'\\n' ORDER BY c.schema COLLATE "C", c.name COLLATE "C") COLLATE "C", 0)::text`;

const isOneOf = (tables: readonly QualifiedName[]): Sql => sql`
       (f.table_schema, f.table_name) IN (SELECT * FROM ROWS FROM (
             pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
             pg_catalog.unnest(${tables.map(({ name }) => name)}::text[])) AS wanted)`;

/** As they are on record of a node; without those that were recorded from psql, or by an older steep. */
export const readRecordedIds = async (
  session: Session,
  node: string,
  tables: readonly QualifiedName[],
): Promise<readonly CatalogIds[]> => {
  const rows = await session.query<IdsRow>(sql`
    SELECT f.table_schema AS schema, f.table_name AS name, f.definition -> 'catalog_ids' AS ids
      FROM steep_repl.schema_fingerprints AS f
     WHERE f.node_id = ${node} AND f.definition -> 'catalog_ids' IS NOT NULL AND ${isOneOf(tables)}
     ORDER BY f.table_schema COLLATE "C", f.table_name COLLATE "C"`);
  return rows.map(toIds);
};

const toIds = ({ schema, name, ids }: IdsRow): CatalogIds => ({
  name: { schema, name },
  ...ids,
  labels: withoutNull(ids.labels),
  attributes: withoutNull(ids.attributes),
});

type IdsOfType<Id> = readonly [schema: string, type: string, ids: Readonly<Record<string, Id>>];

/** A type may have no labels, or no attributes: NULL, in records too. */
const withoutNull = <Id>(
  types: readonly (readonly [string, string, Readonly<Record<string, Id>> | null])[],
): readonly IdsOfType<Id>[] => types.map(([schema, type, ids]) => [schema, type, ids ?? {}]);

interface IdsRow {
  readonly schema: string;
  readonly name: string;
  readonly ids: Omit<CatalogIds, 'name'>;
}
