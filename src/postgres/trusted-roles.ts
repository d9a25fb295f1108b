// SQL: whom steep trusts on a server.

import { isActingRole } from './acting-role.ts';
import type { Session } from './session.ts';
import { type Sql, sql } from './sql/sql.ts';

/** Of a row r of pg_roles: superusers, and the role whose rights a plan judges. */
export const isTrustedRole = (session: Session): Sql =>
  sql`(r.rolsuper OR ${isActingRole(session)})`;

/** Whether the role with this OID is none of them. */
export const isOtherRole = (session: Session, oid: Sql): Sql => sql`
  NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = ${oid} AND ${isTrustedRole(session)})`;
