// SQL: which objects stay as they are, since to make them again would read a constant of a type of another role.

import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { isOtherRole } from '../../postgres/trusted-roles.ts';

/**
 * Whether the expressions of this object name a type which a role that is not trusted may alter, or replace by another one of
 * its name. PostgreSQL reads constants of a statement while it parses it, with the rights of the session, and reading one of
 * an array or a composite type runs the checks of domains in it.
 */
export const namesForeignType = (session: Session, classId: Sql, oid: Sql): Sql => sql`
  EXISTS (SELECT FROM pg_catalog.pg_depend AS d
            JOIN pg_catalog.pg_type AS t ON t.oid = d.refobjid
            JOIN pg_catalog.pg_namespace AS s ON s.oid = t.typnamespace
           WHERE d.classid = ${classId} AND d.objid = ${oid}
             AND d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
             AND (${isOtherRole(session, sql`t.typowner`)} OR ${isOtherRole(session, sql`s.nspowner`)}))`;
