// SQL: what the tables of a database are, and their fingerprints. The one home of this query: the function
// steep_repl.table_definitions() of sql/ is made of its text, and a test compares the two.
// Assumes an empty search_path and the settings of steep's sessions, on which deparsed expressions depend.

import { type Sql, sql } from '../postgres/sql.ts';
import { ownCollation, typeDefinitions } from './type-definitions.ts';

/** initdb gives it this identifier on every major. */
const btree: Sql = sql`403`;

/** Which tables: a condition on `n` (pg_namespace) and `c` (pg_class). */
export type Scope = Sql;

/**
 * Rows `(table_schema, table_name, column_count, strict, replication, definition)`, one a table, in no order; equal
 * on every major for the same definition. `strict` is the fingerprint of all of it, `replication` that of what apply
 * needs, and `definition` the fields of the first as JSON. The server works out only what is selected of these.
 *
 * What most tables have is looked up table by table, in catalogs that have an index for it: it takes the same for a
 * table however many there are. The FULL JOINs add no row to a LEFT JOIN: they rule out nested loops, which the
 * server chooses where it believes that few tables have a parent or a type of a user.
 */
export const definitionsOf = (scope: Scope): Sql => sql`
  WITH RECURSIVE relations AS MATERIALIZED (${relationsIn(scope)}),
  ${typeDefinitions},
  table_parents AS (${parents})
  SELECT d.table_schema, d.table_name, d.column_count, ${fingerprintOf(asEveryMajorSays(sql`d.strict`))} AS strict,
         ${fingerprintOf(asEveryMajorSays(sql`d.replication`))} AS replication,
         ${asEveryMajorSays(sql`d.definition`)}::json AS definition
    FROM (SELECT r.schema::text AS table_schema, r.name::text AS table_name, a.column_count,
                 ROW(a.columns, r.relreplident, x.identity, x.identity_index, r.relpersistence = 'u', ${partitionKey},
                     p.parents, ${bound}, k.constraints, x.indexes, t.types)::text AS strict,
                 ROW(a.sent, CASE WHEN r.relreplident IN ('f', 'n') THEN r.relreplident END,
                     x.identity, t.types)::text AS replication,
                 pg_catalog.json_build_object(
                   'columns', COALESCE(a.columns_document, '[]'),
                   'identity', pg_catalog.json_build_array(r.relreplident, x.identity, x.identity_index),
                   'unlogged', r.relpersistence = 'u',
                   'partition_key', ${partitionKey},
                   'parents', COALESCE(p.parents, '[]'),
                   'bound', ${bound},
                   'constraints', COALESCE(k.constraints_document, '[]'),
                   'indexes', COALESCE(x.indexes_document, '[]'),
                   'types', COALESCE(t.types, '[]'))::text AS definition
            FROM relations AS r
            FULL JOIN table_parents AS p ON p.table_oid = r.oid
            FULL JOIN table_types AS t ON t.table_oid = r.oid
           CROSS JOIN LATERAL (${columns}) AS a
           CROSS JOIN LATERAL (${constraints}) AS k
           CROSS JOIN LATERAL (${indexes}) AS x
          OFFSET 0) AS d`;

/** The SHA-256 of a text, in hexadecimal. */
function fingerprintOf(text: Sql): Sql {
  return sql`pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${text}, 'UTF8')), 'hex')`;
}

/** The fingerprint of some tables, by the fingerprint of each: an aggregate. */
export const rootOf = (table: Sql, fingerprint: Sql): Sql =>
  fingerprintOf(sql`
           pg_catalog.string_agg(ROW(${table}, ${fingerprint})::text, '' ORDER BY ${table} COLLATE "C")`);

/** From PostgreSQL 16 on a deparsed XMLSERIALIZE says NO INDENT, which it always meant. */
function asEveryMajorSays(text: Sql): Sql {
  return sql`
         CASE WHEN pg_catalog.strpos(${text}, ' NO INDENT)') = 0 THEN ${text}
              ELSE pg_catalog.regexp_replace(${text},
                     '( AS (text|bpchar|character|character varying)([(]\\d+[)])?) NO INDENT[)]', '\\1)', 'g') END`;
}

/**
 * Some fields of each row, twice: as JSON to be read, and as PostgreSQL writes a row to be counted, which is as
 * unambiguous (it quotes, and tells NULL from an empty text) and costs half. Each aggregate names its order: where
 * one does, PostgreSQL 16 and later sort the rows of all by it.
 */
function listed(name: Sql, fields: Sql, order: Sql, filter: Sql = sql``): Sql {
  return sql`
           pg_catalog.string_agg(ROW(${fields})::text, '' ORDER BY ${order}) ${filter} AS ${name},
           pg_catalog.json_agg(pg_catalog.json_build_array(${fields}) ORDER BY ${order}) ${filter} AS ${name}_document`;
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
       AND c.oid NOT IN (
             SELECT e.objid FROM pg_catalog.pg_depend AS e
              WHERE e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.deptype = 'e')
       AND ${scope}`;
}

const partitionKey: Sql = sql`CASE WHEN r.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(r.oid) END`;

const bound: Sql = sql`CASE WHEN r.relispartition THEN pg_catalog.pg_get_expr(r.relpartbound, r.oid) END`;

/** A plain default names no columns: deparsed without its table, which then need not be opened for it. */
const columnExpression: Sql = sql`
  CASE WHEN a.atthasdef
       THEN (SELECT pg_catalog.pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END)
               FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END`;

/** Before PostgreSQL 17 a partition does not inherit that a column of its parent is an identity. */
const columnIdentity: Sql = sql`
  CASE WHEN a.attidentity <> '' AND r.relispartition AND EXISTS (
              SELECT FROM pg_catalog.pg_inherits AS h
                JOIN pg_catalog.pg_attribute AS p ON p.attrelid = h.inhparent AND p.attname = a.attname
               WHERE h.inhrelid = a.attrelid AND p.attidentity <> '')
       THEN '' ELSE a.attidentity END`;

const columnFields: Sql = sql`
             a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, ${columnExpression},
             ${columnIdentity}, a.attgenerated, ${ownCollation(sql`a.attcollation`, sql`a.atttypid`)}`;

/**
 * Dropped columns do not count: the order is that of the live ones. A sequence's options do not count either: they
 * differ by intent where two nodes write. `sent` is what changes carry, by name, since apply matches by name.
 */
const columns: Sql = sql`
    SELECT pg_catalog.count(*)::integer AS column_count, ${listed(sql`columns`, columnFields, sql`a.attnum`)},
           pg_catalog.string_agg(
             ROW(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '')::text, ''
             ORDER BY a.attname) AS sent
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped`;

const parents: Sql = sql`
    SELECT h.inhrelid AS table_oid,
           pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, c.relname) ORDER BY h.inhseqno) AS parents
      FROM relations AS r
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = r.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = h.inhparent
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     GROUP BY h.inhrelid`;

const constraintFields: Sql = sql`k.conname, k.contype, pg_catalog.pg_get_constraintdef(k.oid)`;

/**
 * What a partition has of its parent is the parent's. NOT NULL is a constraint of its own from PostgreSQL 18 on and
 * counts as such only where older versions could not say it: not validated, or not inherited.
 */
const constraints: Sql = sql`
    SELECT ${listed(sql`constraints`, constraintFields, sql`k.conname`)}
      FROM pg_catalog.pg_constraint AS k
     WHERE k.conrelid = r.oid AND k.contypid = 0 AND k.conparentid = 0
       AND (k.contype IN ('p', 'u', 'x', 'c', 'f') OR k.contype = 'n' AND (NOT k.convalidated OR k.connoinherit))`;

/** What pg_get_indexdef() says of the plainest and most frequent indexes, in 0.6 of its time; NULL of others. */
const plainIndex: Sql = sql`
             CASE WHEN x.indnatts = 1 AND x.indkey[0] > 0 AND x.indoption[0] = 0 AND x.indpred IS NULL
                       AND NOT x.indisunique AND i.relkind = 'i' AND i.reloptions IS NULL AND i.relam = ${btree}
                  THEN (SELECT pg_catalog.format('CREATE INDEX %I ON %I.%I USING btree (%I)',
                                 i.relname, r.schema, r.name, a.attname)
                          FROM pg_catalog.pg_attribute AS a
                          JOIN pg_catalog.pg_opclass AS o
                            ON o.oid = x.indclass[0] AND o.opcdefault AND o.opcintype = a.atttypid
                         WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
                           AND a.attcollation = x.indcollation[0]) END`;

const indexFields: Sql = sql`
             i.relname, COALESCE(${plainIndex}, pg_catalog.pg_get_indexdef(x.indexrelid)), x.indisunique, x.indisvalid`;

/** No constraint owns it, and it is not a partition's share of its parent's. */
const isOwn: Sql = sql`
             NOT x.indisprimary AND NOT i.relispartition AND (NOT (x.indisunique OR x.indisexclusion) OR NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint AS k
                WHERE k.conrelid = x.indrelid AND k.conindid = x.indexrelid AND k.contype IN ('u', 'x')))`;

/** By its columns an applied UPDATE or DELETE finds its row: the index that was chosen, or that of the key. */
const isIdentity: Sql = sql`
             x.indisvalid AND x.indimmediate
             AND CASE WHEN r.relreplident = 'i' THEN x.indisreplident ELSE x.indisprimary END`;

/** Most keys are of one column, and unnest() takes longer than looking that up. */
const keyColumns: Sql = sql`
             CASE WHEN x.indnatts = 1
                  THEN (SELECT ARRAY[a.attname::text] FROM pg_catalog.pg_attribute AS a
                         WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[0])
                  ELSE (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.position)
                          FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (number, position)
                          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.number
                         WHERE k.position <= x.indnkeyatts) END`;

const indexes: Sql = sql`
    SELECT ${listed(sql`indexes`, indexFields, sql`i.relname`, sql`FILTER (WHERE ${isOwn})`)},
           pg_catalog.min(${keyColumns}) FILTER (WHERE ${isIdentity}) AS identity,
           pg_catalog.min(i.relname::text)
             FILTER (WHERE r.relreplident = 'i' AND NOT i.relispartition AND ${isIdentity}) AS identity_index
      FROM pg_catalog.pg_index AS x
      JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
     WHERE x.indrelid = r.oid`;
