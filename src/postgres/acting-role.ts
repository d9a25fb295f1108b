// The role whose rights a plan judges: the one that steep.yaml names as apply_role, or else the connected one. A plan
// of a role that only reads is then the same as that of the role that applies it.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Session } from './session.ts';
import { type Sql, sql } from './sql/sql.ts';

/** By session, since the code that asks for a right knows only the session. */
const named = new WeakMap<Session, string>();

/** Judges the rights of this role, for all that is asked through the session. */
export const judgeAs = (session: Session, role: string): void => {
  named.set(session, role);
};

/** Its name, as an expression of SQL. */
export const actingRoleName = (session: Session): Sql => {
  const role = named.get(session);
  return role === undefined ? sql`CURRENT_USER` : sql`${role}::pg_catalog.name`;
};

/**
 * Whether a row r of pg_roles is that role. A role that the connection string also asks for (`options='-c role=…'`) is
 * the one of the session too, unless RESET ROLE in its code would lead to a superuser.
 */
export const isActingRole = (session: Session): Sql =>
  named.has(session)
    ? sql`r.rolname = ${actingRoleName(session)}`
    : sql`(r.rolname = SESSION_USER OR r.rolname = CURRENT_USER AND NOT EXISTS (
             SELECT FROM pg_catalog.pg_roles AS s WHERE s.rolname = SESSION_USER AND s.rolsuper))`;

/**
 * Its OID, as an expression of SQL, for has_*_privilege and pg_has_role; 0 where there is no such role, which has the
 * rights of PUBLIC alone.
 */
export const actingRole = (session: Session): Sql => sql`
  COALESCE((SELECT acting.oid FROM pg_catalog.pg_roles AS acting WHERE acting.rolname = ${actingRoleName(session)}), 0::oid)`;

/**
 * What is created belongs to the role that creates it: a session that may write is one of the role that was judged.
 * @throws SteepError APPLY_ROLE (exit 1) where another role is connected.
 */
export const assertActingRole = async (session: Session): Promise<void> => {
  const { node } = session;
  const role = named.get(session);
  if (role === undefined) return;
  const [row] = await session.query<{ readonly name: string }>(sql`SELECT CURRENT_USER AS name`);
  if (row?.name === role) return;
  throw new SteepError(
    'APPLY_ROLE',
    `steep.yaml names ${role} as the apply_role of node ${node}, but steep is connected as ${row?.name ?? 'another role'}. Objects that it creates would belong to that role. Nothing was changed.`,
    {
      exit: ExitCode.error,
      suggestions: [
        `Connect to node ${node} as ${role}.`,
        `Or change nodes.${node}.apply_role in steep.yaml, and plan again.`,
      ],
    },
  );
};
