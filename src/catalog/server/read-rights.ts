// Reads what the role that applies may do, and to whom things belong. Asks PostgreSQL, tries nothing.

import type { OwnedObject, OwnedTable, RightsFacts } from '../../model/report/doctor-facts.ts';
import type { Features } from '../../model/state/server.ts';
import { actingRole } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { readMetadataRights } from '../metadata/read-metadata-rights.ts';

/** `metadata` is the session of the database that holds steep_repl. */
export const readRights = async (
  session: Session,
  metadata: Session,
  features: Features,
): Promise<RightsFacts> => {
  const [role] = await session.query<RoleRow>(roleQuery(session));
  return {
    originFunctions: role?.originFunctions ?? false,
    connectionStrings: role?.connectionStrings ?? false,
    statistics: role?.statistics ?? false,
    sessionReplicationRole: await mayBeReplica(session, features),
    tables: await readTableOwners(session, features),
    publications: await session.query<OwnedObject>(publicationQuery(session)),
    subscriptions: await session.query<OwnedObject>(subscriptionQuery(session)),
    metadata: await readMetadataRights(metadata),
  };
};

/** The names of all roles of the cluster. */
export const readExistingRoles = async (session: Session): Promise<readonly string[]> => {
  const rows = await session.query<{ readonly name: string }>(sql`
    SELECT r.rolname::text AS name FROM pg_catalog.pg_roles AS r ORDER BY r.rolname`);
  return rows.map(({ name }) => name);
};

const roleQuery = (session: Session): Sql => sql`
  SELECT (SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(${actingRole(session)}, p.oid, 'EXECUTE'))
            FROM pg_catalog.pg_proc AS p
           WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
             AND p.proname IN ('pg_replication_origin_advance', 'pg_replication_origin_progress'))
           AS "originFunctions",
         pg_catalog.has_column_privilege(${actingRole(session)}, 'pg_catalog.pg_subscription', 'subconninfo', 'SELECT')
           AS "connectionStrings",
         pg_catalog.pg_has_role(${actingRole(session)}, 'pg_read_all_stats'::pg_catalog.name, 'USAGE') AS statistics`;

interface RoleRow {
  readonly originFunctions: boolean;
  readonly connectionStrings: boolean;
  readonly statistics: boolean;
}

/** Before 15 only superusers sets it, and the function that tells is not there. */
const mayBeReplica = async (session: Session, features: Features): Promise<boolean> => {
  const [row] = await session.query<{ readonly allowed: boolean }>(
    features.parameterPrivileges
      ? sql`SELECT pg_catalog.has_parameter_privilege(${actingRole(session)}, 'session_replication_role', 'SET') AS allowed`
      : sql`SELECT r.rolsuper AS allowed FROM pg_catalog.pg_roles AS r WHERE r.oid = ${actingRole(session)}`,
  );
  return row?.allowed ?? false;
};

/** Before 16 membership allows SET ROLE; since then that is a right of its own. */
const readTableOwners = async (
  session: Session,
  features: Features,
): Promise<readonly OwnedTable[]> => {
  const rows = await session.query<TableRow>(sql`
    SELECT n.nspname::text AS schema, c.relname::text AS name, r.rolname::text AS owner,
           r.rolsuper AS "ownerSuperuser", pg_catalog.pg_has_role(${actingRole(session)}, r.oid, 'USAGE') AS owned,
           pg_catalog.pg_has_role(${actingRole(session)}, r.oid, ${features.createSubscriptionRole ? 'SET' : 'MEMBER'}) AS settable,
           pg_catalog.has_schema_privilege(${actingRole(session)}, n.oid, 'USAGE') AS reachable, c.relrowsecurity AS "rowSecurity"
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner
     WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_)'
     ORDER BY n.nspname, c.relname`);
  return rows.map(({ schema, name, ...owner }) => ({ table: { schema, name }, ...owner }));
};

interface TableRow extends Omit<OwnedTable, 'table'> {
  readonly schema: string;
  readonly name: string;
}

const publicationQuery = (session: Session): Sql => sql`
  SELECT p.pubname::text AS name, r.rolname::text AS owner, r.rolsuper AS "ownerSuperuser",
         pg_catalog.pg_has_role(${actingRole(session)}, r.oid, 'USAGE') AS owned
    FROM pg_catalog.pg_publication AS p JOIN pg_catalog.pg_roles AS r ON r.oid = p.pubowner
   ORDER BY p.pubname`;

const subscriptionQuery = (session: Session): Sql => sql`
  SELECT s.subname::text AS name, r.rolname::text AS owner, r.rolsuper AS "ownerSuperuser",
         pg_catalog.pg_has_role(${actingRole(session)}, r.oid, 'USAGE') AS owned
    FROM pg_catalog.pg_subscription AS s
    JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
    JOIN pg_catalog.pg_roles AS r ON r.oid = s.subowner
   ORDER BY s.subname`;
