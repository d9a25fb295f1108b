// Reads what the role that applies may do with steep_repl, or whether it may install it. Looks into no table.

import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { MetadataRights } from '../../model/state/rights.ts';
import { actingRole, actingRoleName } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** `session` is connected to the database of steep_repl. */
export const readMetadataRights = async (session: Session): Promise<MetadataRights> => {
  const [row] = await session.query<MetadataRow>(sql`
    SELECT ${actingRoleName(session)}::text AS role, CURRENT_USER::text AS reader,
           pg_catalog.current_database()::text AS database,
           pg_catalog.has_database_privilege(a.oid, pg_catalog.current_database(), 'CREATE') AS "createOnDatabase",
           r.rolname::text AS owner, r.rolsuper AS "ownerSuperuser",
           pg_catalog.pg_has_role(a.oid, r.oid, 'USAGE') AS owned,
           pg_catalog.has_schema_privilege(a.oid, n.oid, 'USAGE') AS usage,
           NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                        WHERE c.relnamespace = n.oid AND c.relkind = 'r'
                          AND NOT (pg_catalog.has_table_privilege(a.oid, c.oid, 'SELECT')
                               AND pg_catalog.has_table_privilege(a.oid, c.oid, 'INSERT')
                               AND pg_catalog.has_table_privilege(a.oid, c.oid, 'UPDATE')
                               AND pg_catalog.has_table_privilege(a.oid, c.oid, 'DELETE'))) AS writable
      FROM (SELECT ${metadataSchema}::text AS name) AS m
     CROSS JOIN (SELECT ${actingRole(session)} AS oid) AS a
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = m.name
      LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner
     ORDER BY m.name`);
  if (row === undefined) throw new Error('The server answered a query of one row with none.');
  const { role, reader, database, createOnDatabase, owner, ...schema } = row;
  return {
    role,
    reader,
    database,
    createOnDatabase,
    schema: owner === null ? null : { owner, ...schema },
  };
};

/** Without the schema, what is said of it means nothing. */
interface MetadataRow {
  readonly role: string;
  readonly reader: string;
  readonly database: string;
  readonly createOnDatabase: boolean;
  readonly owner: string | null;
  readonly ownerSuperuser: boolean;
  readonly owned: boolean;
  readonly usage: boolean;
  readonly writable: boolean;
}
