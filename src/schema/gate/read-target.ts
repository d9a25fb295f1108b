// Reads what the judgement of statements needs to know of the server on which they are to run. Catalogs only.

import { actingRole } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { harmlessFunctions } from '../../postgres/sql/harmless-functions.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';
import { readTypes } from './read-types.ts';
import { type Owner, ownerKey, type TargetFacts, type WantedFacts } from './target-facts.ts';

export const readTarget = async (session: Session, wanted: WantedFacts): Promise<TargetFacts> => ({
  ...(await readRoles(session)),
  harmless: await readHarmless(session, wanted.functions),
  types: await readTypes(session, wanted),
  owners: await readOwners(session, wanted),
  trustedExtensions: await readTrusted(session, wanted.extensions),
});

/** From PostgreSQL 16 on, a membership may be without SET ROLE. */
const canBecome = (session: Session): Sql => {
  const { createSubscriptionRole } = featuresOf(session.serverVersion);
  return sql`pg_catalog.pg_has_role(${actingRole(session)}, r.oid, ${createSubscriptionRole ? 'SET' : 'MEMBER'})`;
};

const readRoles = async (
  session: Session,
): Promise<Pick<TargetFacts, 'role' | 'databaseOwner'>> => {
  const rows = await session.query<OwnerRow & { readonly own: boolean }>(sql`
    SELECT r.rolname AS owner, r.rolsuper AS superuser, ${canBecome(session)} AS can_become,
           true AS can_create, w.own
      FROM (SELECT true AS own, u.oid FROM pg_catalog.pg_roles AS u WHERE u.oid = ${actingRole(session)}
             UNION ALL
            SELECT false, d.datdba FROM pg_catalog.pg_database AS d
             WHERE d.datname = pg_catalog.current_database()) AS w
      JOIN pg_catalog.pg_roles AS r ON r.oid = w.oid`);
  const [role, databaseOwner] = [true, false].map((own) => rows.find((row) => row.own === own));
  if (role === undefined || databaseOwner === undefined) throw new Error('a role has no row');
  return { role: toOwner(role), databaseOwner: toOwner(databaseOwner) };
};

/** A name is harmless where all that it may mean is: ts_rewrite() has a form that runs a query. */
const readHarmless = async (
  session: Session,
  names: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT p.proname AS name
      FROM pg_catalog.pg_proc AS p
     WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND p.proname = ANY (${names}::name[])
     GROUP BY p.proname
    HAVING pg_catalog.bool_and(p.oid < 16384)
       AND (p.proname = ANY (${harmlessFunctions}::name[])
            OR pg_catalog.bool_or(p.provolatile = 'i') AND NOT pg_catalog.bool_or(p.provolatile = 'v'))
     ORDER BY p.proname`);
  return new Set(rows.map(({ name }) => name));
};

/** Rows `(key, owner, schema_oid)` of the rows `(key, schema, name)` of `wanted`, and of these schemas. */
const owned = (schemas: readonly string[]): Sql => sql`
      -- As schemaKey() has it.
       SELECT 'schema ' || n.nspname, n.nspowner, n.oid
         FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY (${schemas}::name[])
        UNION
       SELECT w.key, c.relowner, n.oid
         FROM wanted AS w
         JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
         JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
        WHERE w.key LIKE 'relation %'
        UNION
       SELECT w.key, t.typowner, n.oid
         FROM wanted AS w
         JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
         JOIN pg_catalog.pg_type AS t ON t.typnamespace = n.oid AND t.typname = w.name
        WHERE w.key LIKE 'type %'
        UNION
       SELECT w.key, p.proowner, n.oid
         FROM wanted AS w
         JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema
         JOIN pg_catalog.pg_proc AS p ON p.pronamespace = n.oid AND p.proname = w.name
        WHERE w.key LIKE 'function %'`;

/** pg_database_owner is the owner of the database, who can be named. */
const readOwners = async (
  session: Session,
  { schemas, objects }: WantedFacts,
): Promise<ReadonlyMap<string, Owner>> => {
  const keys = objects.map(ownerKey);
  const rows = await session.query<OwnerRow & { readonly key: string }>(sql`
    WITH wanted (key, schema, name) AS (
      SELECT * FROM ROWS FROM (pg_catalog.unnest(${keys}::text[]),
        pg_catalog.unnest(${objects.map(({ name }) => name.schema)}::name[]),
        pg_catalog.unnest(${objects.map(({ name }) => name.name)}::name[])) AS w
    ), owned (key, owner, schema_oid) AS (${owned(schemas)})
    SELECT o.key, r.rolname AS owner, r.rolsuper AS superuser, ${canBecome(session)} AS can_become,
           pg_catalog.has_schema_privilege(r.oid, o.schema_oid, 'CREATE') AS can_create
      FROM owned AS o
      JOIN pg_catalog.pg_roles AS named ON named.oid = o.owner
      JOIN pg_catalog.pg_roles AS r ON r.oid = CASE WHEN named.rolname = 'pg_database_owner' THEN (
             SELECT d.datdba FROM pg_catalog.pg_database AS d
              WHERE d.datname = pg_catalog.current_database()) ELSE named.oid END
     ORDER BY o.key, r.rolname`);
  return new Map(rows.map((row) => [row.key, toOwner(row)]));
};

const readTrusted = async (
  session: Session,
  names: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (names.length === 0) return new Set();
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT e.name
      FROM pg_catalog.pg_available_extensions AS e
      JOIN pg_catalog.pg_available_extension_versions AS v ON v.name = e.name AND v.version = e.default_version
     WHERE e.name = ANY (${names}::name[]) AND (v.trusted OR NOT v.superuser)
     ORDER BY e.name`);
  return new Set(rows.map(({ name }) => name));
};

interface OwnerRow {
  readonly owner: string;
  readonly superuser: boolean;
  readonly can_become: boolean;
  readonly can_create: boolean;
}

const toOwner = ({ owner, superuser, can_become, can_create }: OwnerRow): Owner => ({
  name: owner,
  isSuperuser: superuser,
  canBecome: can_become,
  canCreate: can_create,
});
