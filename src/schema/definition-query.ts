// SQL: what the tables of a database are, one JSON document each. The one home of this query: the function
// steep_repl.table_definitions() of sql/ is made of its text, and a test compares the two.
// Assumes an empty search_path and the settings of steep's sessions, on which deparsed expressions depend.

import { type Sql, sql } from '../postgres/sql.ts';
import { ownCollation, typeDefinitions } from './type-definitions.ts';

/** Which tables: a condition on `n` (pg_namespace) and `c` (pg_class). */
export type Scope = Sql;

/**
 * Rows `(table_schema, table_name, column_count, definition, replication)`, one a table, in no order; equal on
 * every major for the same definition. `definition` is all of it, `replication` what apply needs. Every field is
 * a JSON value, so that NULL, an empty text and two neighbours never look alike.
 */
export const definitionsOf = (scope: Scope): Sql => sql`
  WITH RECURSIVE relations AS MATERIALIZED (${relationsIn(scope)}),
  ${typeDefinitions},
  table_columns AS (${columns}),
  table_identity AS (${identity}),
  table_parents AS (${parents}),
  table_constraints AS (${constraints}),
  table_indexes AS (${indexes})
  SELECT d.table_schema, d.table_name, d.column_count,
         ${asEveryMajorSays(sql`d.definition`)} AS definition, ${asEveryMajorSays(sql`d.replication`)} AS replication
    FROM (SELECT r.schema::text AS table_schema, r.name::text AS table_name,
                 COALESCE(a.column_count, 0)::integer AS column_count,
                 pg_catalog.json_build_object(
                   'columns', COALESCE(a.columns, '[]'),
                   'identity', pg_catalog.json_build_array(r.relreplident, i.columns, i.index),
                   'unlogged', r.relpersistence = 'u',
                   'partition_key', CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END,
                   'parents', COALESCE(p.parents, '[]'),
                   'bound', CASE WHEN r.relispartition THEN pg_catalog.pg_get_expr(r.relpartbound, r.oid) END,
                   'constraints', COALESCE(k.constraints, '[]'),
                   'indexes', COALESCE(x.indexes, '[]'),
                   'types', COALESCE(t.types, '[]')) AS definition,
                 pg_catalog.json_build_array(
                   a.sent, CASE WHEN r.relreplident IN ('f', 'n') THEN r.relreplident END, i.columns, t.types) AS replication
            FROM relations AS r
            LEFT JOIN table_columns AS a ON a.table_oid = r.oid
            LEFT JOIN table_identity AS i ON i.table_oid = r.oid
            LEFT JOIN table_parents AS p ON p.table_oid = r.oid
            LEFT JOIN table_constraints AS k ON k.table_oid = r.oid
            LEFT JOIN table_indexes AS x ON x.table_oid = r.oid
            LEFT JOIN table_types AS t ON t.table_oid = r.oid
          OFFSET 0) AS d`;

/** The SHA-256 of a JSON value, in hexadecimal. */
export const fingerprintOf = (json: Sql): Sql =>
  sql`pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${json}::text, 'UTF8')), 'hex')`;

/** From PostgreSQL 16 on a deparsed XMLSERIALIZE says NO INDENT, which it always meant. */
function asEveryMajorSays(json: Sql): Sql {
  return sql`
         CASE WHEN pg_catalog.strpos(${json}::text, ' NO INDENT)') = 0 THEN ${json}
              ELSE pg_catalog.regexp_replace(${json}::text,
                     '( AS (text|bpchar|character|character varying)([(]\\d+[)])?) NO INDENT[)]', '\\1)', 'g')::json END`;
}

/** Tables of users that outlive a session. Those of an extension belong to its version. */
export function relationsIn(scope: Scope): Sql {
  return sql`
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind, c.relpersistence, c.relispartition,
           c.relreplident, c.relpartbound
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'steep_repl')
       AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_depend AS e
              WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid
                AND e.deptype = 'e')
       AND ${scope}`;
}

/** Before PostgreSQL 17 a partition does not inherit that a column of its parent is an identity. */
const columnIdentity: Sql = sql`
  CASE WHEN a.attidentity <> '' AND r.relispartition AND EXISTS (
              SELECT FROM pg_catalog.pg_inherits AS h
                JOIN pg_catalog.pg_attribute AS p ON p.attrelid = h.inhparent AND p.attname = a.attname
               WHERE h.inhrelid = a.attrelid AND p.attidentity <> '')
       THEN '' ELSE a.attidentity END`;

/**
 * Dropped columns do not count: the order is that of the live ones. A sequence's options do not count either: they
 * differ by intent where two nodes write. `sent` is what changes carry, by name, since apply matches by name.
 */
const columns: Sql = sql`
    SELECT a.attrelid AS table_oid, pg_catalog.count(*) AS column_count,
           pg_catalog.json_agg(pg_catalog.json_build_array(
             a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
             pg_catalog.pg_get_expr(d.adbin, d.adrelid), ${columnIdentity}, a.attgenerated,
             ${ownCollation(sql`a.attcollation`, sql`t.typcollation`)}) ORDER BY a.attnum) AS columns,
           pg_catalog.json_agg(pg_catalog.json_build_array(
             a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '')
             ORDER BY a.attname) AS sent
      FROM relations AS r
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     GROUP BY a.attrelid`;

/** The columns by which an applied UPDATE or DELETE finds its row: of the index that was chosen, or of the key. */
const identity: Sql = sql`
    SELECT x.indrelid AS table_oid, pg_catalog.json_agg(a.attname ORDER BY k.position) AS columns,
           pg_catalog.min(i.relname::text) FILTER (WHERE r.relreplident = 'i' AND NOT i.relispartition) AS index
      FROM relations AS r
      JOIN pg_catalog.pg_index AS x
        ON x.indrelid = r.oid AND x.indisvalid AND x.indimmediate
       AND CASE WHEN r.relreplident = 'i' THEN x.indisreplident ELSE x.indisprimary END
      JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
     CROSS JOIN LATERAL pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (number, position)
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.number
     WHERE k.position <= x.indnkeyatts
     GROUP BY x.indrelid`;

const parents: Sql = sql`
    SELECT h.inhrelid AS table_oid,
           pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, c.relname) ORDER BY h.inhseqno) AS parents
      FROM relations AS r
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = r.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = h.inhparent
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     GROUP BY h.inhrelid`;

/**
 * What a partition has of its parent is the parent's. NOT NULL is a constraint of its own from PostgreSQL 18 on and
 * counts as such only where older versions could not say it: not validated, or not inherited.
 */
const constraints: Sql = sql`
    SELECT k.conrelid AS table_oid,
           pg_catalog.json_agg(pg_catalog.json_build_array(
             k.conname, k.contype, pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname) AS constraints
      FROM relations AS r
      JOIN pg_catalog.pg_constraint AS k
        ON k.conrelid = r.oid AND k.conparentid = 0
       AND (k.contype IN ('p', 'u', 'x', 'c', 'f') OR k.contype = 'n' AND (NOT k.convalidated OR k.connoinherit))
     GROUP BY k.conrelid`;

/** Indexes that no constraint owns, and that are not a partition's share of its parent's. */
const indexes: Sql = sql`
    SELECT x.indrelid AS table_oid,
           pg_catalog.json_agg(pg_catalog.json_build_array(
             i.relname, pg_catalog.pg_get_indexdef(x.indexrelid), x.indisunique, x.indisvalid)
             ORDER BY i.relname) AS indexes
      FROM relations AS r
      JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid AND NOT x.indisprimary
      JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid AND NOT i.relispartition
     WHERE NOT EXISTS (
           SELECT FROM pg_catalog.pg_constraint AS k
            WHERE k.conrelid = x.indrelid AND k.conindid = x.indexrelid AND k.contype IN ('u', 'x'))
     GROUP BY x.indrelid`;
