// SQL: the definitions of the user's own types that the columns of some tables use, directly or inside of
// other types. Assumes an empty search_path; knows nothing of fingerprints.

import { type Sql, sql } from '../postgres/sql/sql.ts';
import { typesMadeOf } from '../postgres/sql/types-made-of.ts';

/** Object identifiers below are of the types that initdb made: alike on every server of a major. */
const firstUserOid: Sql = sql`16384`;

/** Name of a collation where it is not that of the type itself. */
export const ownCollation = (collation: Sql, type: Sql): Sql => sql`
  CASE WHEN ${collation} <> 0 AND (${type}, ${collation}) NOT IN (
              SELECT l.oid, l.typcollation FROM pg_catalog.pg_type AS l WHERE l.typcollation <> 0)
       THEN ${collation}::pg_catalog.regcollation::text END`;

/**
 * Common table expressions: `used_types (table_oid, type_oid)` of the tables of `relations (oid)`, closed over
 * arrays, domains, composites and ranges; and `table_types (table_oid, types)`, which defines them as
 * `[schema, name, kind, detail]` in order of name. A column depends on its type, unless initdb made it: so those of
 * users are found without reading all columns.
 */
export const typeDefinitions: Sql = sql`
  used_types (table_oid, type_oid) AS (
    SELECT d.objid, d.refobjid
      FROM pg_catalog.pg_depend AS d
      JOIN relations AS r ON r.oid = d.objid
     WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid >= ${firstUserOid}
       AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0
     UNION
    SELECT u.table_oid, inner_type.oid
      FROM used_types AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.type_oid
     CROSS JOIN LATERAL (${typesMadeOf}) AS inner_type (oid)
     WHERE inner_type.oid >= ${firstUserOid}
  ),
  defined_types AS (
    SELECT t.oid, n.nspname, t.typname,
           pg_catalog.json_build_array(n.nspname, t.typname, t.typtype, ${typeDetail()}) AS definition
      FROM (SELECT DISTINCT u.type_oid FROM used_types AS u) AS d
      JOIN pg_catalog.pg_type AS t ON t.oid = d.type_oid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
     WHERE t.typcategory <> 'A' OR t.typtype = 'd'
  ),
  table_types AS (
    SELECT u.table_oid, pg_catalog.json_agg(d.definition ORDER BY d.nspname, d.typname) AS types
      FROM used_types AS u
      JOIN defined_types AS d ON d.oid = u.type_oid
     GROUP BY u.table_oid
  )`;

/** What makes a type what it is, by its kind; NULL for base types, which are code. */
function typeDetail(): Sql {
  return sql`
    CASE t.typtype
      WHEN 'e' THEN (
        SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)
          FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid)
      WHEN 'd' THEN (${domainDetail()})
      WHEN 'c' THEN (
        SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                 a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                 ${ownCollation(sql`a.attcollation`, sql`a.atttypid`)}) ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
      WHEN 'r' THEN (${rangeDetail()})
    END`;
}

/** NOT NULL of a domain is a constraint from PostgreSQL 17 on, and typnotnull always. */
function domainDetail(): Sql {
  return sql`
  SELECT pg_catalog.json_build_array(
           pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull,
           pg_catalog.pg_get_expr(t.typdefaultbin, 0),
           ${ownCollation(sql`t.typcollation`, sql`t.typbasetype`)},
           (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(
                     k.conname, pg_catalog.pg_get_constraintdef(k.oid)) ORDER BY k.conname)
              FROM pg_catalog.pg_constraint AS k
             WHERE k.contypid = t.oid AND k.contype = 'c'))`;
}

function rangeDetail(): Sql {
  return sql`
  SELECT pg_catalog.json_build_array(
           pg_catalog.format_type(g.rngsubtype, NULL),
           CASE WHEN NOT o.opcdefault
                THEN pg_catalog.format('%I.%I', o_n.nspname, o.opcname) END,
           ${ownCollation(sql`g.rngcollation`, sql`g.rngsubtype`)},
           CASE WHEN g.rngcanonical <> 0 THEN g.rngcanonical::pg_catalog.regprocedure::text END,
           CASE WHEN g.rngsubdiff <> 0 THEN g.rngsubdiff::pg_catalog.regprocedure::text END,
           pg_catalog.format_type(g.rngmultitypid, NULL))
    FROM pg_catalog.pg_range AS g
    JOIN pg_catalog.pg_opclass AS o ON o.oid = g.rngsubopc
    JOIN pg_catalog.pg_namespace AS o_n ON o_n.oid = o.opcnamespace
   WHERE g.rngtypid = t.oid`;
}
