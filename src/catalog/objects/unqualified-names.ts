// SQL: functions of indexes, checks, generated columns, partition keys and triggers that name something without its schema.
// Workers of subscriptions and copies run with an empty search_path, and from PostgreSQL 17 so does whatever builds an index
// or analyzes: such a function fails there, and nowhere else.

import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** `oid` of the table, `function`: by which expressions and triggers of it. */
const uses: Sql = sql`
  SELECT COALESCE(x.indrelid, k.conrelid, f.adrelid, c.oid) AS oid, d.refobjid AS function
    FROM pg_catalog.pg_depend AS d
    LEFT JOIN pg_catalog.pg_index AS x
      ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.indexrelid = d.objid
    LEFT JOIN pg_catalog.pg_constraint AS k
      ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid AND k.contype = 'c' AND k.conrelid <> 0
    LEFT JOIN (pg_catalog.pg_attrdef AS f
               JOIN pg_catalog.pg_attribute AS a
                 ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attgenerated <> '')
      ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid
    LEFT JOIN pg_catalog.pg_class AS c
      ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid AND c.relkind = 'p'
   WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
     AND COALESCE(x.indrelid, k.conrelid, f.adrelid, c.oid) IS NOT NULL
   UNION
  SELECT g.tgrelid, g.tgfoid FROM pg_catalog.pg_trigger AS g WHERE NOT g.tgisinternal AND g.tgenabled IN ('A', 'R')`;

/** Words of a body that is parsed when it runs, in a search_path that its function does not set: without comments and literals. */
export const bodiesToParse: Sql = sql`
  SELECT p.oid, pg_catalog.lower(pg_catalog.regexp_replace(
           p.prosrc, '--[^\\n]*|/\\*.*?\\*/|''(?:[^'']|'''')*''', ' ', 'g')) AS text
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
   WHERE p.oid >= 16384 AND p.prosqlbody IS NULL
     AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS s (entry) WHERE s.entry LIKE 'search_path=%')`;

/** `name(`, `from name` and the like, `::name`. What pg_catalog has by that name is found there. */
const names: Sql = sql`
  SELECT m[1] AS name
    FROM pg_catalog.regexp_matches(b.text, '(?<![\\w.$"])([a-z_][\\w$]*)\\s*\\(', 'g') AS m
   WHERE EXISTS (SELECT FROM pg_catalog.pg_proc AS q WHERE q.proname = m[1] AND q.oid >= 16384)
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS q
                      WHERE q.proname = m[1] AND q.pronamespace = 'pg_catalog'::pg_catalog.regnamespace)
   UNION
  SELECT m[1]
    FROM pg_catalog.regexp_matches(
           b.text, '\\m(?:from|join|into|update|only)\\s+([a-z_][\\w$]*)(?![\\w$"]|\\s*[.(])', 'g') AS m
   WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS q
                  WHERE q.relname = m[1] AND q.oid >= 16384 AND q.relkind IN ('r', 'p', 'v', 'm', 'f'))
   UNION
  SELECT m[1]
    FROM pg_catalog.regexp_matches(b.text, '::\\s*([a-z_][\\w$]*)(?![\\w$"]|\\s*\\.)', 'g') AS m
   WHERE EXISTS (SELECT FROM pg_catalog.pg_type AS q WHERE q.typname = m[1] AND q.oid >= 16384)
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS q
                      WHERE q.typname = m[1] AND q.typnamespace = 'pg_catalog'::pg_catalog.regnamespace)`;

/** One row a table. */
export const unqualifiedNames: Sql = sql`
  WITH uses AS (${uses}), bodies AS MATERIALIZED (SELECT * FROM (${bodiesToParse}) AS b WHERE b.oid IN (SELECT u.function FROM uses AS u)),
  found AS (
    SELECT b.oid, pg_catalog.array_agg(n.name ORDER BY n.name) AS names
      FROM bodies AS b CROSS JOIN LATERAL (${names}) AS n GROUP BY b.oid)
  SELECT u.oid::int8 AS oid,
         pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', f.oid::pg_catalog.regprocedure::text, 'schema', n.nspname, 'unqualified', f.names)
           ORDER BY f.oid::pg_catalog.regprocedure::text) AS "unqualifiedNames"
    FROM uses AS u
    JOIN found AS f ON f.oid = u.function
    JOIN pg_catalog.pg_proc AS p ON p.oid = f.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
   GROUP BY u.oid
   ORDER BY u.oid`;
