// What steep applied and did not give up, by the audit log, and whose row of ownership is gone all the same: a user
// deleted it, and with it the protection and the base of drift.

import type { NodeName } from '../../model/state/address.ts';
import type { LostOwnership } from '../../model/state/applied.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** In order of address. steep_repl must be installed. */
export const readLostOwnership = (
  session: Session,
  node: NodeName,
): Promise<readonly LostOwnership[]> =>
  session.query<LostOwnership>(sql`
    SELECT l.subject AS address, COALESCE(l.run_id, 'unknown') AS "runId",
           pg_catalog.to_char(l.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "appliedAt"
      FROM (SELECT DISTINCT ON (a.subject) a.subject, a.event, a.run_id, a.at
              FROM steep_repl.audit_log AS a
             WHERE a.event IN ('object.applied', 'object.forgotten')
               AND pg_catalog.starts_with(a.subject, ${`${node}/`})
             ORDER BY a.subject, a.id DESC) AS l
     WHERE l.event = 'object.applied'
       AND NOT EXISTS (SELECT FROM steep_repl.objects AS o WHERE o.address = l.subject)
     ORDER BY l.subject`);
