// Reads which event triggers run functions of roles that are not trusted, whoever runs DDL in the database or connects to it.

import type { EventTrigger } from '../../model/state/foreign-code.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { isUntrusted } from './called-functions.ts';

/** Of the databases of these sessions, whichever tags they have; those that are disabled count as not there. */
export const readEventTriggers = async (
  sessions: ReadonlySet<Session>,
): Promise<readonly EventTrigger[]> => {
  const found: EventTrigger[] = [];
  for (const session of sessions) {
    const triggers = await session.query<EventTrigger>(sql`
      SELECT t.evtname::text AS name, t.evtevent::text AS event,
             p.oid::pg_catalog.regprocedure::text AS function, r.rolname::text AS owner
        FROM pg_catalog.pg_event_trigger AS t
        JOIN pg_catalog.pg_proc AS p ON p.oid = t.evtfoid
        JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner
       WHERE t.evtenabled <> 'D' AND ${isUntrusted(session)}
       ORDER BY 1`);
    found.push(...triggers);
  }
  return found;
};
