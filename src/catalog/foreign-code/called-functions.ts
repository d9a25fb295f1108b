// SQL: which functions the expressions of tables and domains call, by the text in which the catalogs keep them. That names
// functions and operators by OID, the built-in ones too, so that neither names nor search_path can mislead.

import type { Session } from '../../postgres/session.ts';
import { harmlessFunctions, harmlessOnRows } from '../../postgres/sql/harmless-functions.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { isTrustedRole } from '../../postgres/trusted-roles.ts';

/** Of the role r. */
export const isUntrusted = (session: Session): Sql => sql`NOT ${isTrustedRole(session)}`;

/**
 * Of what was reached, e: its expressions, each with the role that wrote it; 0 is PUBLIC. Indexes, partition keys and
 * statistics hold immutable functions only. Who made a trigger is not on record: it may be anyone who has TRIGGER.
 */
const expressions: Sql = sql`
  SELECT c.relowner, d.adbin::text
    FROM pg_catalog.pg_attrdef AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.adrelid
   WHERE e.class = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.oid = e.oid
   UNION ALL
  SELECT COALESCE(c.relowner, t.typowner), k.conbin::text
    FROM pg_catalog.pg_constraint AS k
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
    LEFT JOIN pg_catalog.pg_type AS t ON t.oid = k.contypid
   WHERE e.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = e.oid
   UNION ALL
  SELECT t.typowner, t.typdefaultbin::text
    FROM pg_catalog.pg_type AS t
   WHERE e.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = e.oid
   UNION ALL
  SELECT c.relowner, w.ev_qual::text || w.ev_action::text
    FROM pg_catalog.pg_rewrite AS w JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class
   WHERE e.class = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = e.oid
   UNION ALL
  SELECT a.oid, ':funcid ' || g.tgfoid::oid::text || COALESCE(g.tgqual::text, '')
    FROM pg_catalog.pg_trigger AS g
    JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid
   CROSS JOIN LATERAL (
      SELECT c.relowner
       UNION ALL
      SELECT l.grantee FROM pg_catalog.aclexplode(c.relacl) AS l WHERE l.privilege_type = 'TRIGGER') AS a (oid)
   WHERE e.class = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND g.oid = e.oid`;

/** CTE: functions that expressions of roles which are not trusted call. Planning a query runs immutable ones only. */
export const called = (session: Session): Sql => sql`
  called (name, use, caller, default_of, author, oid) AS MATERIALIZED (
    SELECT DISTINCT e.name, e.use, e.caller, e.default_of, a.name, f.oid
      FROM reached AS e
     CROSS JOIN LATERAL (${expressions}) AS x (author, tree)
     CROSS JOIN LATERAL (
        SELECT r.rolname::text FROM pg_catalog.pg_roles AS r WHERE r.oid = x.author AND ${isUntrusted(session)}
         UNION ALL
        SELECT 'PUBLIC' WHERE x.author = 0) AS a (name)
     CROSS JOIN LATERAL (
        SELECT m[1]::oid FROM pg_catalog.regexp_matches(x.tree, ':(?:func|winfn|aggfn)o?id (\\d+)', 'g') AS m
         UNION ALL
        SELECT o.oprcode::oid
          FROM pg_catalog.regexp_matches(x.tree, ':opno (\\d+)', 'g') AS m
          JOIN pg_catalog.pg_operator AS o ON o.oid = m[1]::oid) AS f (oid)
     WHERE e.use <> 'scan')`;

/** Objects that initdb made. */
const builtIn = sql`16384`;

/**
 * Of the function p, whose owner is trusted: whether it may do with the rights of its caller what an expression asks for.
 * Built-in functions and those of extensions are made for any caller. Harmless are immutable ones, those that are listed,
 * and stable ones behind an operator or a cast, or of which another form is immutable and none volatile. A function that a
 * trusted role made itself is its own affair.
 */
export const isRisky = (session: Session): Sql => sql`
  p.provolatile <> 'i'
  AND p.proname <> ALL (${[...harmlessFunctions, ...harmlessOnRows]}::name[])
  AND (p.oid < ${builtIn} OR EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
     WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'))
  AND NOT (p.provolatile = 's' AND (
    EXISTS (SELECT FROM pg_catalog.pg_operator AS o JOIN pg_catalog.pg_roles AS r ON r.oid = o.oprowner
             WHERE o.oprcode = p.oid AND NOT (${isUntrusted(session)}))
    OR EXISTS (SELECT FROM pg_catalog.pg_cast AS c WHERE c.castfunc = p.oid AND c.oid < ${builtIn})
    OR p.oid < ${builtIn} AND (
         SELECT pg_catalog.bool_or(s.provolatile = 'i') AND NOT pg_catalog.bool_or(s.provolatile = 'v')
           FROM pg_catalog.pg_proc AS s
          WHERE s.proname = p.proname AND s.pronamespace = p.pronamespace AND s.oid < ${builtIn})))`;
