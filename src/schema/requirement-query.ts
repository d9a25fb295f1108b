// SQL: everything of users that tables need, found through pg_depend: types in the checks of domains, sequences in defaults,
// functions, collations, operators. Assumes an empty search_path.

import { type Sql, sql } from '../postgres/sql/sql.ts';
import type { Scope } from './definition-query.ts';
import { relationsIn } from './definition-query.ts';
import { typeDefinitions, typeDetail } from './type-definitions.ts';

/**
 * Rows `(key, needs, kind, schema, name, definition, type, extension, extension_schema)`, one an object: `needs` are the
 * keys of what it cannot be created without. What is part of another object has no kind. `definition` is the statement that
 * creates a function or a collation; `type` what a type is, unless a column is of it. What steep does not write is of kind
 * other and is not looked into, and neither is what belongs to an extension.
 */
export const requirementRows = (scope: Scope): Sql => sql`
    WITH RECURSIVE relations AS MATERIALIZED (${relationsIn(scope)}),
    ${typeDefinitions},
    walked (from_class, from_oid, class, oid) AS (
      SELECT 0::oid, 0::oid, r.class, r.oid FROM (${roots}) AS r (class, oid)
       UNION
      SELECT w.class, w.oid, x.class, x.oid
        FROM walked AS w
       CROSS JOIN LATERAL (${next}) AS x (class, oid)
       WHERE x.oid >= 16384 AND ${isLookedInto}
    ),
    found (class, oid, needs) AS (
      SELECT t.class, t.oid,
             COALESCE((SELECT pg_catalog.json_agg(f.class || ':' || f.oid ORDER BY f.class, f.oid)
                         FROM walked AS f WHERE f.from_class = t.class AND f.from_oid = t.oid), '[]')
        FROM (SELECT DISTINCT w.class, w.oid FROM walked AS w) AS t
    )
    SELECT f.class || ':' || f.oid AS key, f.needs, CASE WHEN e.oid IS NULL THEN i.kind
                WHEN f.class = 'pg_catalog.pg_type'::pg_catalog.regclass THEN 'member type' ELSE 'member' END AS kind,
           i.schema::text, i.name::text, CASE WHEN e.oid IS NULL THEN i.definition END AS definition,
           CASE WHEN e.oid IS NULL THEN i.type END AS type, e.extname::text AS extension, n.nspname::text AS extension_schema
      FROM found AS f
     CROSS JOIN LATERAL (${described}) AS i (kind, schema, name, definition, type)
      LEFT JOIN pg_catalog.pg_depend AS d ON d.classid = f.class AND d.objid = f.oid AND d.deptype = 'e'
      LEFT JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
     ORDER BY i.schema COLLATE "C", i.name COLLATE "C", f.class, f.oid`;

/** The tables of `relations`, their indexes and constraints. What is created after all tables orders none of them. */
const roots: Sql = sql`
      SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::oid, r.oid FROM relations AS r
       UNION SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid
               FROM relations AS r JOIN pg_catalog.pg_index AS x ON x.indrelid = r.oid
       UNION SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
               FROM relations AS r JOIN pg_catalog.pg_constraint AS k ON k.conrelid = r.oid`;

/** Up to 14 the generated column itself depends on what its expression calls; later ones say it of the expression. */
const isOfGenerated: Sql = sql`
                d.deptype = 'a' AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid > 0
                AND d.refclassid <> 'pg_catalog.pg_class'::pg_catalog.regclass`;

/** A generated column names columns of its own table; a default that names a table as a value needs that one first. */
const isOwnTable: Sql = sql`EXISTS (
                       SELECT FROM pg_catalog.pg_attrdef AS o WHERE o.oid = w.oid AND o.adrelid = d.refobjid)`;

/**
 * An array is what its element is, the type of a table what the table is. Of a cast PostgreSQL records the function alone, and
 * writes the expression as a cast. Tables lead to others by inheritance and foreign
 * keys, which come after all tables.
 */
const next: Sql = sql`
        SELECT d.refclassid, d.refobjid
          FROM pg_catalog.pg_depend AS d
         WHERE d.classid = w.class AND d.objid = w.oid
           AND (d.deptype = 'n' OR d.deptype = 'i' AND w.class = 'pg_catalog.pg_type'::pg_catalog.regclass
                OR ${isOfGenerated})
           AND d.refclassid NOT IN ('pg_catalog.pg_namespace'::pg_catalog.regclass,
                                    'pg_catalog.pg_constraint'::pg_catalog.regclass)
           AND (d.refclassid <> 'pg_catalog.pg_class'::pg_catalog.regclass
                OR w.class IN ('pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)
                OR w.class = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND NOT ${isOwnTable}
                OR EXISTS (SELECT FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = d.refobjid))
         UNION ALL
        SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid
          FROM pg_catalog.pg_attrdef AS a
         WHERE w.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND a.adrelid = w.oid
         UNION ALL
        SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
          FROM pg_catalog.pg_constraint AS k
         WHERE w.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND k.contypid = w.oid
         UNION ALL
        SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, k.oid
          FROM pg_catalog.pg_cast AS k
         WHERE w.class = 'pg_catalog.pg_proc'::pg_catalog.regclass AND k.castfunc = w.oid
         UNION ALL
        SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.typrelid
          FROM pg_catalog.pg_type AS t
          JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
         WHERE w.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = w.oid`;

/** Functions whose text says all that they do, and that have only the rights of their caller. */
const isPlainFunction: Sql = sql`
             p.prokind = 'f' AND NOT p.prosecdef
             AND p.prolang IN (SELECT l.oid FROM pg_catalog.pg_language AS l WHERE l.lanname IN ('sql', 'plpgsql'))`;

const isLookedInto: Sql = sql`
             CASE w.class
               WHEN 'pg_catalog.pg_class'::pg_catalog.regclass THEN w.from_class = 0 OR EXISTS (
                      SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = w.oid AND c.relkind = 'c')
               WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN EXISTS (
                      SELECT FROM pg_catalog.pg_proc AS p WHERE p.oid = w.oid AND ${isPlainFunction})
               ELSE w.class IN ('pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_attrdef'::pg_catalog.regclass,
                                'pg_catalog.pg_constraint'::pg_catalog.regclass) END
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS m
                          WHERE m.classid = w.class AND m.objid = w.oid AND m.deptype = 'e')`;

/** Of a type whose kind says all; others, as base types, are code. */
const typeRow: Sql = sql`
        SELECT CASE WHEN t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c' THEN 'type'
                    WHEN t.typtype = 'b' AND t.typelem = 0 THEN 'other' END,
               n.nspname, CASE WHEN t.typtype = 'b' AND t.typelem = 0
                               THEN pg_catalog.pg_describe_object(f.class, f.oid, 0) ELSE t.typname::text END, NULL,
               CASE WHEN (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
                         AND t.oid NOT IN (SELECT u.type_oid FROM used_types AS u)
                    THEN pg_catalog.json_build_array(n.nspname, t.typname, t.typtype, ${typeDetail()}) END
          FROM pg_catalog.pg_type AS t
          JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
          LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
         WHERE f.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = f.oid`;

const relationRow: Sql = sql`
        SELECT CASE WHEN c.relkind = 'S' THEN 'sequence' WHEN c.relkind IN ('c', 'i', 'I') THEN NULL
                    WHEN c.oid IN (SELECT r.oid FROM relations AS r) THEN 'table' ELSE 'other' END,
               n.nspname, CASE WHEN c.relkind IN ('c', 'i', 'I', 'S') OR c.oid IN (SELECT r.oid FROM relations AS r)
                               THEN c.relname::text ELSE pg_catalog.pg_describe_object(f.class, f.oid, 0) END,
               NULL, NULL::json
          FROM pg_catalog.pg_class AS c
          JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
         WHERE f.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = f.oid`;

const functionRow: Sql = sql`
        SELECT CASE WHEN ${isPlainFunction} THEN 'function' ELSE 'other' END, n.nspname,
               CASE WHEN ${isPlainFunction} THEN p.oid::pg_catalog.regprocedure::text
                    ELSE pg_catalog.pg_describe_object(f.class, f.oid, 0) END,
               CASE WHEN ${isPlainFunction} THEN pg_catalog.pg_get_functiondef(p.oid) END, NULL::json
          FROM pg_catalog.pg_proc AS p
          JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
         WHERE f.class = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = f.oid`;

const collationRow: Sql = sql`
        SELECT 'collation', n.nspname, l.oid::pg_catalog.regcollation::text,
               'CREATE COLLATION ' || l.oid::pg_catalog.regcollation || ' (provider = '
               || CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END
               || CASE WHEN l.collprovider <> 'c'
                       THEN ', locale = ' || pg_catalog.quote_literal(COALESCE(j.d ->> 'colllocale', j.d ->> 'colliculocale', j.d ->> 'collcollate'))
                       ELSE ', lc_collate = ' || pg_catalog.quote_literal(l.collcollate)
                         || ', lc_ctype = ' || pg_catalog.quote_literal(l.collctype) END
               || CASE WHEN l.collisdeterministic THEN '' ELSE ', deterministic = false' END
               || COALESCE(', rules = ' || pg_catalog.quote_literal(j.d ->> 'collicurules'), '') || ')', NULL::json
          FROM pg_catalog.pg_collation AS l
          JOIN pg_catalog.pg_namespace AS n ON n.oid = l.collnamespace
         CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(l)) AS j (d)
         WHERE f.class = 'pg_catalog.pg_collation'::pg_catalog.regclass AND l.oid = f.oid`;

/** Parts of others have no kind; what is none of these is code that steep does not write. */
const described: Sql = sql`
        ${typeRow}
         UNION ALL
        ${relationRow}
         UNION ALL
        ${functionRow}
         UNION ALL
        ${collationRow}
         UNION ALL
        SELECT CASE WHEN f.class NOT IN ('pg_catalog.pg_attrdef'::pg_catalog.regclass,
                                         'pg_catalog.pg_constraint'::pg_catalog.regclass) THEN 'other' END, NULL::name,
               pg_catalog.pg_describe_object(f.class, f.oid, 0), NULL, NULL::json
         WHERE f.class NOT IN ('pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_class'::pg_catalog.regclass,
                               'pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_collation'::pg_catalog.regclass)`;
