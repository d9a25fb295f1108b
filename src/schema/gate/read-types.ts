// Reads what storing, converting or comparing a value of a type of users would call. Catalogs only.

import { formatName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { typesMadeOf } from '../../postgres/sql/types-made-of.ts';
import { isTrustedRole } from '../../postgres/trusted-roles.ts';
import type { TargetType, WantedFacts } from './target-facts.ts';

/** Types by formatName; one that is not there is left out. */
export const readTypes = async (
  session: Session,
  { types }: WantedFacts,
): Promise<ReadonlyMap<string, TargetType>> => {
  if (types.length === 0) return new Map();
  const rows = await session.query<TypeRow>(sql`
    WITH RECURSIVE reached (top, oid) AS (
      SELECT t.oid, t.oid
        FROM pg_catalog.pg_type AS t
        JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
       WHERE (n.nspname, t.typname) IN (SELECT * FROM ROWS FROM (
               pg_catalog.unnest(${types.map(({ schema }) => schema)}::name[]),
               pg_catalog.unnest(${types.map(({ name }) => name)}::name[])) AS wanted)
       UNION
      SELECT c.top, m.oid
        FROM reached AS c
        JOIN pg_catalog.pg_type AS t ON t.oid = c.oid
       CROSS JOIN LATERAL (${typesMadeOf}) AS m (oid)
       WHERE m.oid <> 0
    )
    SELECT n.nspname AS schema, t.typname AS name,
           ${listOf(sql`pg_catalog.pg_get_constraintdef(k.oid)
             FROM reached AS c
             JOIN pg_catalog.pg_constraint AS k ON k.contypid = c.oid AND k.contype = 'c'`)} AS checks,
           ${listOf(sql`'DEFAULT ' || pg_catalog.pg_get_expr(d.typdefaultbin, 0)
             FROM reached AS c
             JOIN pg_catalog.pg_type AS d ON d.oid = c.oid AND d.typdefaultbin IS NOT NULL`)} AS defaults,
           ${listOf(functionsOf(session))} AS functions
      FROM reached AS top
      JOIN pg_catalog.pg_type AS t ON t.oid = top.oid AND top.oid = top.top
      JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
     ORDER BY n.nspname, t.typname`);
  return new Map(
    rows.map(({ checks, defaults, functions, ...name }) => [
      formatName(name),
      { expressions: [...checks, ...defaults], functions },
    ]),
  );
};

interface TypeRow {
  readonly schema: string;
  readonly name: string;
  readonly checks: readonly string[];
  readonly defaults: readonly string[];
  readonly functions: readonly string[];
}

/** Texts as a JSON array: of the rows `text FROM reached AS c …` of the type t. */
const listOf = (texts: Sql): Sql => sql`
  (SELECT COALESCE(pg_catalog.json_agg(x.text ORDER BY x.text), '[]')
     FROM (SELECT DISTINCT s.text FROM (SELECT c.top, ${texts}) AS s (top, text) WHERE s.top = t.oid) AS x (text))`;

/**
 * Functions of roles that are not trusted: of casts from and to the type, since a cast may be implicit, and of ranges.
 * Input and output functions of base types, and operator classes, only a superuser can define.
 */
const functionsOf = (session: Session): Sql => sql`
  f.what || ' ' || p.oid::pg_catalog.regprocedure::text || ' of role ' || r.rolname
    FROM reached AS c
   CROSS JOIN LATERAL (
      SELECT 'the cast', k.castfunc
        FROM pg_catalog.pg_cast AS k WHERE c.oid IN (k.castsource, k.casttarget)
       UNION ALL
      SELECT 'the function', u.oid
        FROM pg_catalog.pg_range AS g
       CROSS JOIN LATERAL (VALUES (g.rngcanonical::oid), (g.rngsubdiff::oid)) AS u (oid)
       WHERE c.oid IN (g.rngtypid, g.rngmultitypid)) AS f (what, oid)
    JOIN pg_catalog.pg_proc AS p ON p.oid = f.oid
    JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner AND NOT ${isTrustedRole(session)}`;
