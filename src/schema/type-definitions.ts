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
 * Of the row l of pg_collation, whatever the major calls its columns: provider, locale, LC_CTYPE where it can be another one,
 * whether it is deterministic, rules. From PostgreSQL 16 on the locale of ICU is written as a language tag.
 */
const collationDetail: Sql = sql`(
        SELECT pg_catalog.json_build_array(
                 CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                 CASE WHEN l.collprovider = 'i' THEN pg_catalog.replace(c.locale, '_', '-') ELSE c.locale END,
                 CASE WHEN l.collprovider = 'c' THEN l.collctype::text END,
                 l.collisdeterministic, c.fields ->> 'collicurules')
          FROM (SELECT f.fields, COALESCE(f.fields ->> 'colllocale', f.fields ->> 'colliculocale', f.fields ->> 'collcollate')
                  FROM (SELECT pg_catalog.to_jsonb(l)) AS f (fields)) AS c (fields, locale))`;

/**
 * Common table expressions: `used_types (table_oid, type_oid)` of the tables of `relations (oid)`, closed over
 * arrays, domains, composites and ranges; and `table_types (table_oid, types)`, which defines them, and
 * the collations of users in columns and types, as `[schema, name, kind, detail]` in order of name. A column depends on its type, unless initdb made it: so those of
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
  used_collations (table_oid, collation_oid) AS (
    SELECT d.objid, d.refobjid
      FROM pg_catalog.pg_depend AS d
      JOIN relations AS r ON r.oid = d.objid
     WHERE d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND d.refobjid >= ${firstUserOid}
       AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
     UNION
    SELECT u.table_oid, d.refobjid
      FROM used_types AS u
      JOIN pg_catalog.pg_type AS t ON t.oid = u.type_oid
      JOIN pg_catalog.pg_depend AS d
        ON (d.classid, d.objid) IN (('pg_catalog.pg_type'::pg_catalog.regclass, t.oid),
                                    ('pg_catalog.pg_class'::pg_catalog.regclass, t.typrelid))
     WHERE d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND d.refobjid >= ${firstUserOid}
  ),
  table_types AS (
    SELECT p.table_oid, pg_catalog.json_agg(p.definition ORDER BY p.nspname, p.name, p.rank) AS types
      FROM (SELECT u.table_oid, d.nspname, d.typname AS name, 1 AS rank, d.definition
              FROM used_types AS u
              JOIN defined_types AS d ON d.oid = u.type_oid
             UNION ALL
            SELECT u.table_oid, n.nspname, l.collname, 2,
                   pg_catalog.json_build_array(n.nspname, l.collname, 'l', ${collationDetail})
              FROM used_collations AS u
              JOIN pg_catalog.pg_collation AS l ON l.oid = u.collation_oid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace) AS p
     GROUP BY p.table_oid
  )`;

/** Of the row t of pg_type: what makes a type what it is, by its kind; NULL for base types, which are code. */
export function typeDetail(): Sql {
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
