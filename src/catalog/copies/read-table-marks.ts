// What tells a table of the source, and the partitions that its rows are in, from others of the same names.

import type { TableMark } from '../../model/copy/table-mark.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { commandsOfPartitionOf, writtenBefore } from '../../postgres/sql/catalog-order.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { typeFacts } from '../../postgres/sql/type-facts.ts';

/**
 * In the order of the tables; those that do not exist are left out. As the snapshot of the transaction shows them.
 * `publications`: those that send the tables; null: each is taken by itself.
 */
export const readTableMarks = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[] | null,
): Promise<readonly TableMark[]> => {
  const published = publications === null ? sql`true` : await isPublished(session, publications);
  const rows = await session.query<MarkRow>(markQuery(tables, published));
  return rows.map(({ partitions, ...row }) => ({ ...row, partitions: partitions ?? [] }));
};

type MarkRow = Omit<TableMark, 'partitions'> & {
  readonly partitions: TableMark['partitions'] | null;
};

/** Whether a publication names the table `c` itself, or all of its schema, or all tables: not through what it is a part of. */
const isPublished = async (session: Session, publications: readonly string[]): Promise<Sql> => {
  const [found] = await session.query<{ readonly there: boolean }>(sql`
    SELECT pg_catalog.to_regclass('pg_catalog.pg_publication_namespace') IS NOT NULL AS there`);
  const schemas =
    found?.there === true
      ? sql`OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace AS s
                        WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)`
      : sql``;
  return sql`EXISTS (
    SELECT FROM pg_catalog.pg_publication AS p
     WHERE p.pubname = ANY (${publications}::name[])
       AND (p.puballtables ${schemas}
            OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel AS r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)))`;
};

/**
 * The rows of system columns are never changed: they were written when the table was created. A partition is a table of
 * before where it, or what it is a partition of, was attached later.
 */
const marked: Sql = sql`
    SELECT l.position, pg_catalog.json_agg(pg_catalog.json_build_object(
             'oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname, 'parent', l.parent::int8, 'xmin', l.xmin::text,
             'leaf', l.youngest IS NOT NULL AND c.relkind <> 'p', 'file', c.relfilenode::int8,
             'toast', c.reltoastrelid::int8, 'toastFile', coalesce(t.relfilenode, 0)::int8,
             'attached', coalesce(l.youngest < ${writtenBefore(sql`a`)} - ${commandsOfPartitionOf}, false))
             ORDER BY c.oid, l.parent)
      FROM links AS l
      JOIN pg_catalog.pg_class AS c ON c.oid = l.oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = -1
      LEFT JOIN pg_catalog.pg_class AS t ON t.oid = c.reltoastrelid
     GROUP BY l.position`;

/**
 * Of pg_attribute, what ALTER TABLE changes with the transaction; a default is a row of its own. Null where the column has
 * privileges: GRANT of what was granted writes the row, and changes nothing in it.
 */
const restOfColumn: Sql = sql`CASE WHEN a.attacl IS NULL THEN pg_catalog.md5(pg_catalog.concat_ws(' ',
                      a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.atthasdef, a.atthasmissing, a.attidentity::text,
                      a.attgenerated::text, a.attstorage::text, a.attcompression::text, coalesce(a.attstattarget, -1),
                      a.attislocal, a.attinhcount, a.attoptions::text,
                      (SELECT d.oid FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum))) END`;

/**
 * Of the table f: its row type gets its name, and its dependency on the schema is written by SET SCHEMA. The schema itself
 * may be renamed too; but GRANT writes its row, also where nothing in it changes.
 */
const named: Sql = sql`(
           SELECT pg_catalog.json_agg(pg_catalog.json_build_object('xmin', r.xmin, 'rest', r.rest) ORDER BY r.part)
             FROM (SELECT 1 AS part, y.xmin::text AS xmin, y.typowner::text AS rest
                     FROM pg_catalog.pg_type AS y WHERE y.oid = f.reltype
                    UNION ALL
                   SELECT 2, pg_catalog.max(d.xmin::text), ''
                     FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = f.oid AND d.objsubid = 0
                      AND d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass) AS r)`;

/** A default may have been dropped again: what it gave to older rows of a partition is kept there. */
const columns: Sql = sql`(
           SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                    'number', a.attnum, 'name', a.attname, 'xmin', a.xmin::text, 'row', ${restOfColumn},
                    'filled', a.atthasmissing OR a.atthasdef OR a.attnotnull OR a.attidentity <> ''
                              OR EXISTS (SELECT FROM below AS b
                                           JOIN pg_catalog.pg_attribute AS l
                                             ON l.attrelid = b.oid AND l.attname = a.attname AND l.atthasmissing
                                          WHERE b.position = w.position)) ORDER BY a.attnum)
             FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

const markQuery = (tables: readonly QualifiedName[], published: Sql): Sql => sql`
  WITH RECURSIVE wanted (position, schema, name, oid, kind, through) AS MATERIALIZED (
    SELECT t.position, t.schema, t.name, c.oid, c.relkind, c.relispartition AND NOT ${published}
      FROM ROWS FROM (pg_catalog.unnest(${tables.map(({ schema }) => schema)}::text[]),
                      pg_catalog.unnest(${tables.map(({ name }) => name)}::text[]))
           WITH ORDINALITY AS t (schema, name, position)
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class AS c
        ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')),
  above (position, oid, parent, xmin) AS (
    SELECT w.position, h.inhrelid, h.inhparent, h.xmin
      FROM wanted AS w JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = w.oid WHERE w.through
    UNION ALL
    SELECT a.position, h.inhrelid, h.inhparent, h.xmin
      FROM above AS a JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = a.parent),
  below (position, oid, parent, xmin, youngest) AS (
    SELECT w.position, h.inhrelid, h.inhparent, h.xmin, ${writtenBefore(sql`h`)}
      FROM wanted AS w JOIN pg_catalog.pg_inherits AS h ON h.inhparent = w.oid WHERE w.kind = 'p'
    UNION ALL
    SELECT b.position, h.inhrelid, h.inhparent, h.xmin, LEAST(b.youngest, ${writtenBefore(sql`h`)})
      FROM below AS b
      JOIN pg_catalog.pg_class AS c ON c.oid = b.oid AND c.relkind = 'p'
      JOIN pg_catalog.pg_inherits AS h ON h.inhparent = b.oid),
  links (position, oid, parent, xmin, youngest) AS (
    SELECT * FROM below UNION ALL SELECT *, NULL FROM above),
  marked (position, partitions) AS (
    ${marked})
  SELECT w.schema, w.name, w.oid::int8 AS oid, m.partitions, f.relfilenode::int8 AS file,
         coalesce(${columns}, '[]') AS columns, ${named} AS named,
         ${typeFacts(sql`w.oid`, { exact: false })} AS types,
         pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.xid::text AS ended
    FROM wanted AS w
    JOIN pg_catalog.pg_class AS f ON f.oid = w.oid
    LEFT JOIN marked AS m ON m.position = w.position
   ORDER BY w.position`;
