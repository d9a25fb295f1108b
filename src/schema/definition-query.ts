// SQL: what the tables of a database are, and their fingerprints. The one home of this query: the function
// steep_repl.table_definitions() of sql/ is made of its text, and a test compares the two.
// Assumes an empty search_path and the settings of steep's sessions, on which deparsed expressions depend.

import { type Sql, sql } from '../postgres/sql/sql.ts';
import { asCounted, asEveryServerSays } from './equal-texts.ts';
import { plainConstraint, plainIndex, plainKeyIndex } from './plain-definitions.ts';
import { ownCollation, typeDefinitions } from './type-definitions.ts';

/** Which tables: a condition on `n` (pg_namespace) and `c` (pg_class). */
export type Scope = Sql;

/**
 * Rows `(table_schema, table_name, column_count, strict, replication, definition)`, one a table, in no order; equal
 * on every major for the same definition. `strict` is the fingerprint of all of it, `replication` that of what apply
 * needs, and `definition` the fields of the first as JSON. The server works out only what is selected of these, but
 * for the rows of columns, which all of them go by: so what is large and seldom asked for is not among those.
 *
 * What most tables have is looked up table by table, in catalogs that have an index for it: it takes the same for a
 * table however many there are. The FULL JOINs add no row to a LEFT JOIN: they rule out nested loops, which the
 * server chooses where it believes that few tables have a parent or a type of a user. In `strict` the lists of rows
 * follow one another, since a row in a row is quoted again: each row ends with its parenthesis, each list with `;`.
 */
export const definitionsOf = (scope: Scope): Sql => sql`
  WITH RECURSIVE relations AS MATERIALIZED (${relationsIn(scope)}),
  ${typeDefinitions},
  table_parents AS (${parents}),
  described AS MATERIALIZED (
    SELECT r.*, a.* FROM relations AS r CROSS JOIN LATERAL (${columns}) AS a),
  table_samples AS (${samples})
  SELECT d.table_schema, d.table_name, d.column_count, ${fingerprintOf(asCounted(sql`d.strict`))} AS strict,
         ${fingerprintOf(asEveryServerSays(sql`d.replication`))} AS replication,
         ${asEveryServerSays(sql`d.definition`)}::json AS definition
    FROM (SELECT r.schema::text AS table_schema, r.name::text AS table_name, r.column_count,
                 pg_catalog.concat(r.columns, ';', k.constraints, ';', x.indexes, ';', ROW(
                   r.relreplident, x.identity, x.identity_index, r.relpersistence = 'u', ${partitionKey},
                   p.parents, ${bound}, t.types)::text) AS strict,
                 ROW(${sentColumns}, CASE WHEN r.relreplident IN ('f', 'n') THEN r.relreplident END,
                     x.identity, t.types)::text AS replication,
                 pg_catalog.json_build_object(
                   'columns', COALESCE(${columnsDocument}, '[]'),
                   'identity', pg_catalog.json_build_array(r.relreplident, x.identity, x.identity_index),
                   'unlogged', r.relpersistence = 'u',
                   'partition_key', ${partitionKey},
                   'parents', COALESCE(p.parents, '[]'),
                   'bound', ${bound},
                   'constraints', COALESCE(k.constraints_document, '[]'),
                   'indexes', COALESCE(x.indexes_document, '[]'),
                   'types', COALESCE(t.types, '[]'))::text AS definition
            FROM described AS r
            FULL JOIN table_parents AS p ON p.table_oid = r.oid
            FULL JOIN table_types AS t ON t.table_oid = r.oid
            FULL JOIN table_samples AS s ON s.table_oid = r.oid
           CROSS JOIN LATERAL (${indexes}) AS x
           CROSS JOIN LATERAL (${constraints}) AS k
          OFFSET 0) AS d`;

/** The SHA-256 of a text, in hexadecimal. */
function fingerprintOf(text: Sql): Sql {
  return sql`pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${text}, 'UTF8')), 'hex')`;
}

/** The fingerprint of some tables, by the fingerprint of each: an aggregate. */
export const rootOf = (table: Sql, fingerprint: Sql): Sql =>
  fingerprintOf(sql`
           pg_catalog.string_agg(ROW(${table}, ${fingerprint})::text, '' ORDER BY ${table} COLLATE "C")`);

/**
 * Some fields of each row, as PostgreSQL writes a row: to be counted. It is as unambiguous as JSON (it quotes, and
 * tells NULL from an empty text) and costs half. Each aggregate names its order: where one does, PostgreSQL 16 and
 * later sort the rows of all by it.
 */
function counted(fields: Sql, order: Sql): Sql {
  return sql`
           pg_catalog.string_agg(ROW(${fields})::text, '' ORDER BY ${order})`;
}

/** The same as JSON: to be read. */
function documented(fields: Sql, order: Sql): Sql {
  return sql`
           pg_catalog.json_agg(pg_catalog.json_build_array(${fields}) ORDER BY ${order})`;
}

/** Tables of users that outlive a session. Those of an extension belong to its version. */
export function relationsIn(scope: Scope): Sql {
  return sql`
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind, c.relpersistence, c.relispartition,
           c.relreplident, c.relpartbound, c.relchecks
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

const bound: Sql = sql`CASE WHEN r.relispartition THEN pg_catalog.pg_get_expr(r.relpartbound, 0) END`;

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

const isLive: Sql = sql`FILTER (WHERE NOT a.attisdropped)`;

/**
 * Dropped columns do not count: the order is that of the live ones. A sequence's options do not count either: they
 * differ by intent where two nodes write. The arrays have every column at its number, also those that were dropped.
 */
const columns: Sql = sql`
    SELECT (pg_catalog.count(*) ${isLive})::integer AS column_count,
           ${counted(columnFields, sql`a.attnum`)} ${isLive} AS columns,
           pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) AS names,
           pg_catalog.array_agg(a.atttypid ORDER BY a.attnum) AS column_types,
           pg_catalog.array_agg(a.attcollation ORDER BY a.attnum) AS collations
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = r.oid AND a.attnum > 0`;

const liveColumns: Sql = sql`
           FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped`;

const columnsDocument: Sql = sql`(
         SELECT ${documented(columnFields, sql`a.attnum`)} ${liveColumns})`;

/** What changes carry, by name, since apply matches by name. */
const sentColumns: Sql = sql`(
         SELECT ${counted(sql`a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> ''`, sql`a.attname`)}
           ${liveColumns})`;

/** Of each table with checks, the first that has columns of the same names. */
const samples: Sql = sql`
    SELECT d.oid AS table_oid, pg_catalog.min(d.oid) OVER (PARTITION BY d.names::text COLLATE "C") AS sample
      FROM described AS d
     WHERE d.relchecks > 0`;

const parents: Sql = sql`
    SELECT h.inhrelid AS table_oid,
           pg_catalog.json_agg(pg_catalog.json_build_array(n.nspname, c.relname) ORDER BY h.inhseqno) AS parents
      FROM relations AS r
      JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = r.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = h.inhparent
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     GROUP BY h.inhrelid`;

const constraintFields: Sql = sql`
             k.conname, k.contype, COALESCE(${plainConstraint}, pg_catalog.pg_get_constraintdef(k.oid))`;

/**
 * What a partition has of its parent is the parent's. NOT NULL is a constraint of its own from PostgreSQL 18 on and
 * counts as such only where older versions could not say it: not validated, or not inherited.
 */
const constraints: Sql = sql`
    SELECT ${counted(constraintFields, sql`k.conname`)} AS constraints,
           ${documented(constraintFields, sql`k.conname`)} AS constraints_document
      FROM pg_catalog.pg_constraint AS k
     WHERE k.conrelid = r.oid AND k.contypid = 0 AND k.conparentid = 0
       AND (k.contype IN ('p', 'u', 'x', 'c', 'f') OR k.contype = 'n' AND (NOT k.convalidated OR k.connoinherit))`;

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

/** Most keys are of one column, and unnest() takes longer than that. */
const keyColumns: Sql = sql`
             CASE WHEN x.indnatts = 1
                  THEN ARRAY[r.names[x.indkey[0]]::text]
                  ELSE (SELECT pg_catalog.array_agg(r.names[k.number]::text ORDER BY k.position)
                          FROM pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k (number, position)
                         WHERE k.position <= x.indnkeyatts) END`;

/** Of the index of a primary key nothing but its columns counts, unless it could be chosen as the identity. */
const indexes: Sql = sql`
    SELECT ${counted(indexFields, sql`i.relname`)} FILTER (WHERE ${isOwn}) AS indexes,
           ${documented(indexFields, sql`i.relname`)} FILTER (WHERE ${isOwn}) AS indexes_document,
           pg_catalog.min(${keyColumns}) FILTER (WHERE ${isIdentity}) AS identity,
           pg_catalog.min(i.relname::text)
             FILTER (WHERE r.relreplident = 'i' AND NOT i.relispartition AND ${isIdentity}) AS identity_index,
           ${plainKeyIndex} AS plain_key
      FROM pg_catalog.pg_index AS x
      LEFT JOIN pg_catalog.pg_class AS i
        ON i.oid = CASE WHEN NOT x.indisprimary OR r.relreplident = 'i' THEN x.indexrelid END
     WHERE x.indrelid = r.oid`;
