// Reads what the role of a replication_connection may do here: by its name, without being it.

import { formatName } from '../../model/identifier.ts';
import type { ReplicationRole } from '../../model/report/doctor-facts.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, type Sql, sql } from '../../postgres/sql/sql.ts';

export const readReplicationRole = async (
  session: Session,
  name: string,
): Promise<ReplicationRole> => {
  const [attributes = null] = await session.query<NonNullable<ReplicationRole['attributes']>>(sql`
    SELECT r.rolcanlogin AS login, r.rolreplication AS replication, r.rolsuper AS superuser,
           pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT') AS connect
      FROM pg_catalog.pg_roles AS r
      JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
     WHERE r.rolname = ${name}
     ORDER BY r.rolname`);
  const tables = await session.query<AccessRow>(accessQuery(name));
  return {
    name,
    attributes,
    unreadable: new Set(tables.filter(({ readable }) => !readable).map(formatName)),
    hidden: new Set(tables.filter(({ reachable }) => !reachable).map(formatName)),
    filtered: new Set(tables.filter(({ filtered }) => filtered).map(formatName)),
  };
};

/**
 * A right on some column counts: a publication may send a few columns only. Row security is for all but
 * superusers, roles with BYPASSRLS and, unless it is forced, the owner.
 */
const accessQuery = (role: string): Sql => sql`
  SELECT n.nspname::text AS schema, c.relname::text AS name,
         pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE') AS reachable,
         pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
           AND pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT') AS readable,
         c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
           AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE')) AS filtered
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_roles AS r ON r.rolname = ${role}
   WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
     AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp_)'
   ORDER BY n.nspname, c.relname`;

interface AccessRow {
  readonly schema: string;
  readonly name: string;
  readonly reachable: boolean;
  readonly readable: boolean;
  readonly filtered: boolean;
}

export interface ReplicationIdentity {
  readonly systemIdentifier: string;
  readonly database: string;
}

/** Who answers on a walsender session, in the words of the replication protocol. */
export const readReplicationIdentity = async (session: Session): Promise<ReplicationIdentity> => {
  const [row] = await session.query<IdentifyRow>(ddl`IDENTIFY_SYSTEM`);
  if (row === undefined) throw new Error('The server answered IDENTIFY_SYSTEM with no row.');
  return { systemIdentifier: row.systemid, database: row.dbname ?? '' };
};

interface IdentifyRow {
  readonly systemid: string;
  readonly dbname: string | null;
}
