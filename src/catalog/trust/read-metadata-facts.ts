// Reads what steep_repl is made of, which role owns it, and who may write to it: from pg_catalog alone, so that no view,
// trigger, rule, policy or default of it is run. No query names a relation of the schema.

import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { isTrustedRole } from '../../postgres/trusted-roles.ts';

/** A statement about a table or a function of steep_repl, equal text on every supported version of PostgreSQL. */
export interface MetadataFact {
  readonly object: string;
  readonly fact: string;
}

export interface MetadataFacts {
  /** Of the tables and functions that were asked for. */
  readonly facts: readonly MetadataFact[];
  /** What is owned by a role that is not trusted: the object, and its owner. */
  readonly owners: readonly MetadataFact[];
  /** What a role that is not trusted may write to: the object, and the right with its role. */
  readonly grants: readonly MetadataFact[];
}

/** The OID of the schema; null: there is no steep_repl. */
export const readMetadataSchema = async (session: Session): Promise<number | null> => {
  const [schema] = await session.query<{ readonly oid: number }>(sql`
    SELECT n.oid::int8 AS oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ${metadataSchema}`);
  return schema?.oid ?? null;
};

/**
 * Trusted are the connected role, superusers and `trustedOwners`; for rights, their members too, who could take them.
 * `names`: the tables and functions whose facts matter. Null: there is no steep_repl.
 */
export const readMetadataFacts = async (
  session: Session,
  names: readonly string[],
  trustedOwners: readonly string[],
): Promise<MetadataFacts | null> => {
  const rows = await session.query<FactRow>(factsQuery(session, names, trustedOwners));
  const of = (kind: FactRow['kind']): readonly MetadataFact[] =>
    rows.filter((row) => row.kind === kind).map(({ object, fact }) => ({ object, fact }));
  if (of('schema').length === 0) return null;
  return { facts: of('fact'), owners: of('owner'), grants: of('grant') };
};

interface FactRow extends MetadataFact {
  readonly kind: 'schema' | 'fact' | 'owner' | 'grant';
}

/** Looked up once, and less work for the planner than a join in each part of the query. */
const ownSchema: Sql = sql`(SELECT own.oid FROM own)`;

const factsQuery = (
  session: Session,
  names: readonly string[],
  trustedOwners: readonly string[],
): Sql => sql`
  SELECT m.kind, m.object, m.fact FROM (
  WITH own AS MATERIALIZED (
    SELECT n.oid, n.nspowner, n.nspacl FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ${metadataSchema}),
  trusted AS MATERIALIZED (
    SELECT r.oid FROM pg_catalog.pg_roles AS r
     WHERE ${isTrustedRole(session)} OR r.rolname = SESSION_USER OR r.rolname = ANY (${trustedOwners}::text[])),
  tables AS MATERIALIZED (
    SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relispartition, c.reloftype, c.relrowsecurity, c.relforcerowsecurity
      FROM pg_catalog.pg_class AS c
     WHERE c.relnamespace = ${ownSchema} AND c.relname = ANY (${names}::text[]) AND c.relkind NOT IN ('i', 'I'))
  SELECT 'schema' AS kind, ${metadataSchema}::text AS object, 'is there' AS fact FROM own
   UNION ALL
  SELECT 'owner', o.object, pg_catalog.format('belongs to %I', pg_catalog.pg_get_userbyid(o.owner))
    FROM (${ownedObjects}) AS o
   WHERE o.owner <> ALL (ARRAY(SELECT t.oid FROM trusted AS t))
   UNION ALL
  SELECT 'grant', g.object, pg_catalog.format('%s by %s', g.privilege_type,
           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END)
    FROM (${writeGrants}) AS g
   WHERE g.grantee = 0
      OR NOT EXISTS (SELECT FROM trusted AS t WHERE pg_catalog.pg_has_role(g.grantee, t.oid, 'MEMBER'))
   UNION ALL
  SELECT 'fact', f.object, f.fact
    FROM (${tableFacts} UNION ALL ${columnFacts} UNION ALL ${attachedFacts} UNION ALL ${functionFacts(names)})
      AS f (object, fact)) AS m
   ORDER BY m.kind, m.object, m.fact`;

const ownedObjects: Sql = sql`
  SELECT 'the schema' AS object, own.nspowner AS owner FROM own
   UNION ALL
  SELECT 'the relation ' || pg_catalog.quote_ident(c.relname), c.relowner
    FROM pg_catalog.pg_class AS c WHERE c.relnamespace = ${ownSchema}
   UNION ALL
  SELECT 'the function ' || pg_catalog.quote_ident(p.proname), p.proowner
    FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = ${ownSchema}
   UNION ALL
  SELECT 'the type ' || pg_catalog.quote_ident(t.typname), t.typowner
    FROM pg_catalog.pg_type AS t WHERE t.typnamespace = ${ownSchema}
   UNION ALL
  SELECT 'the operator ' || o.oprname, o.oprowner
    FROM pg_catalog.pg_operator AS o WHERE o.oprnamespace = ${ownSchema}`;

/**
 * Reading is harmless; functions run with the rights of their caller. Who may add operations to the queue, or ask for their
 * end, can do no more than that: triggers set all other columns, and a worker examines what it is asked for.
 */
const writeGrants: Sql = sql`
  SELECT 'the schema' AS object, a.grantee, a.privilege_type
    FROM own CROSS JOIN LATERAL pg_catalog.aclexplode(own.nspacl) AS a WHERE a.privilege_type = 'CREATE'
   UNION ALL
  SELECT pg_catalog.quote_ident(c.relname), a.grantee, a.privilege_type
    FROM pg_catalog.pg_class AS c
   CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS a
   WHERE c.relnamespace = ${ownSchema} AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')
     AND NOT (c.relname = 'work_queue' AND a.privilege_type = 'INSERT')
   UNION ALL
  SELECT pg_catalog.quote_ident(t.relname), a.grantee, a.privilege_type
    FROM tables AS t JOIN pg_catalog.pg_attribute AS c ON c.attrelid = t.oid
   CROSS JOIN LATERAL pg_catalog.aclexplode(c.attacl) AS a
   WHERE a.privilege_type IN ('INSERT', 'UPDATE', 'REFERENCES')
     AND NOT (t.relname = 'work_queue' AND (a.privilege_type = 'INSERT'
              OR a.privilege_type = 'UPDATE' AND c.attname = 'cancel_requested_at'))`;

const tableFacts: Sql = sql`
  SELECT t.relname::text, 'is a ' || CASE t.relkind
           WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
           WHEN 'p' THEN 'partitioned table' WHEN 'S' THEN 'sequence' ELSE 'relation of kind ' || t.relkind::text END
         || CASE WHEN t.relpersistence <> 'p' THEN ' that is not logged' ELSE '' END
         || CASE WHEN t.relispartition THEN ' that is a partition' ELSE '' END
         || CASE WHEN t.reloftype <> 0 THEN ' of a type' ELSE '' END
         || CASE WHEN t.relrowsecurity OR t.relforcerowsecurity THEN ' with row security' ELSE '' END
    FROM tables AS t`;

const columnFacts: Sql = sql`
  SELECT t.relname::text, pg_catalog.concat_ws(' ', 'column', pg_catalog.quote_ident(a.attname),
           pg_catalog.format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation NOT IN (0, y.typcollation) THEN 'COLLATE ' || a.attcollation::pg_catalog.regcollation END,
           CASE WHEN a.attnotnull THEN 'NOT NULL' END,
           CASE WHEN a.attidentity <> '' THEN 'identity ' || a.attidentity::text END,
           CASE WHEN a.attgenerated <> '' THEN 'generated ' || a.attgenerated::text END,
           'DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid))
    FROM tables AS t
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE t.relkind <> 'S'`;

/** NOT NULL is a fact of the column: only PostgreSQL 18 has constraints for it. */
const attachedFacts: Sql = sql`
  SELECT t.relname::text, pg_catalog.format('constraint %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid))
    FROM tables AS t JOIN pg_catalog.pg_constraint AS k ON k.conrelid = t.oid AND k.contype NOT IN ('n', 't')
   UNION ALL
  SELECT t.relname::text, 'index ' || pg_catalog.pg_get_indexdef(x.indexrelid)
    FROM tables AS t JOIN pg_catalog.pg_index AS x ON x.indrelid = t.oid
   UNION ALL
  SELECT t.relname::text, CASE WHEN g.tgisinternal THEN 'trigger of a foreign key'
           ELSE pg_catalog.format('trigger %I %s: %s', g.tgname, g.tgenabled, pg_catalog.pg_get_triggerdef(g.oid)) END
    FROM tables AS t JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = t.oid
   UNION ALL
  SELECT t.relname::text, 'rule ' || pg_catalog.quote_ident(w.rulename)
    FROM tables AS t JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = t.oid
   UNION ALL
  SELECT t.relname::text, 'policy ' || pg_catalog.quote_ident(p.polname)
    FROM tables AS t JOIN pg_catalog.pg_policy AS p ON p.polrelid = t.oid
   UNION ALL
  SELECT t.relname::text, 'is inherited'
    FROM tables AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
   UNION ALL
  SELECT t.relname::text, 'inherits'
    FROM tables AS t JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = t.oid
   UNION ALL
  SELECT t.relname::text, 'statistics ' || pg_catalog.quote_ident(s.stxname)
    FROM tables AS t JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = t.oid`;

/** Every function of a known name, so that no other one is meant by a call; its definition as a hash. */
const functionFacts = (names: readonly string[]): Sql => sql`
  SELECT p.proname::text, pg_catalog.format('function (%s) %s', pg_catalog.pg_get_function_identity_arguments(p.oid),
           pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.json_build_array(
             l.lanname, p.prosrc, p.probin, p.prosqlbody IS NULL, p.prokind, p.prosecdef, p.proleakproof, p.proisstrict,
             p.proretset, p.provolatile, p.proparallel, p.proconfig, p.prosupport::pg_catalog.oid::text,
             pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid))::text, 'UTF8')), 'hex'))
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
   WHERE p.pronamespace = ${ownSchema} AND p.proname = ANY (${names}::text[])`;
