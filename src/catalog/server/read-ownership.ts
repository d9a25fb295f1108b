// Reads to whom publications, subscriptions and steep_repl belong, and whether the role that applies may act as their
// owner; and the roles there are. Asks PostgreSQL, tries nothing.

import type { OwnedObject, OwnershipFacts, SchemaRights } from '../../model/state/rights.ts';
import { actingRole } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';
import { readMetadataRights } from '../metadata/read-metadata-rights.ts';

/** `metadata` is the session of the database that holds steep_repl. */
export const readOwnership = async (
  session: Session,
  metadata: Session,
): Promise<OwnershipFacts> => ({
  schemas: await session.query<SchemaRights>(schemaQuery(session)),
  publications: await session.query<OwnedObject>(publicationQuery(session)),
  subscriptions: await session.query<OwnedObject>(subscriptionQuery(session)),
  metadata: await readMetadataRights(metadata),
});

/** The names of all roles of the cluster. */
export const readExistingRoles = async (session: Session): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT r.rolname::text AS name FROM pg_catalog.pg_roles AS r ORDER BY r.rolname`);
  return rows.map(({ name }) => name);
};

const schemaQuery = (session: Session): Sql => sql`
  SELECT n.nspname::text AS name,
         pg_catalog.has_schema_privilege(${actingRole(session)}, n.oid, 'CREATE') AS creatable
    FROM pg_catalog.pg_namespace AS n
   WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
   ORDER BY n.nspname`;

const publicationQuery = (session: Session): Sql => sql`
  SELECT p.pubname::text AS name, r.rolname::text AS owner, r.rolsuper AS "ownerSuperuser",
         pg_catalog.pg_has_role(${actingRole(session)}, r.oid, 'USAGE') AS owned,
         p.puballtables OR ${
           featuresOf(session.serverVersion).filtersAndSchemas
             ? sql`EXISTS (SELECT FROM pg_catalog.pg_publication_namespace AS s WHERE s.pnpubid = p.oid)`
             : sql`false`
         } AS "forSuperusers"
    FROM pg_catalog.pg_publication AS p JOIN pg_catalog.pg_roles AS r ON r.oid = p.pubowner
   ORDER BY p.pubname`;

const subscriptionQuery = (session: Session): Sql => sql`
  SELECT s.subname::text AS name, r.rolname::text AS owner, r.rolsuper AS "ownerSuperuser",
         pg_catalog.pg_has_role(${actingRole(session)}, r.oid, 'USAGE') AS owned,
         ${!featuresOf(session.serverVersion).createSubscriptionRole}::boolean AS "forSuperusers"
    FROM pg_catalog.pg_subscription AS s
    JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
    JOIN pg_catalog.pg_roles AS r ON r.oid = s.subowner
   ORDER BY s.subname`;
