// Reads the newest lines of the audit log of a node.

import type { NodeName } from '../../model/state/address.ts';
import type { LogEntry } from '../../model/watch/watch-event.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** At most so many at once: whoever looks wants the last ones. */
const linesRead = 100;

/** Those after a line that was read before (0: none was), the newest last. Empty where steep_repl is not installed. */
export const readAuditLog = async (
  metadata: Session,
  node: NodeName,
  { metadataVersion, after }: { readonly metadataVersion: number; readonly after: number },
): Promise<readonly LogEntry[]> => {
  if (metadataVersion === 0) return [];
  const rows = await metadata.query<LogEntry>(sql`
    SELECT a.id, pg_catalog.to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
           ${node}::text AS node, a.actor, a.event, a.subject,
           a.from_state AS "fromState", a.to_state AS "toState"
      FROM steep_repl.audit_log AS a
     WHERE a.id > ${after}
     ORDER BY a.id DESC LIMIT ${linesRead}`);
  return rows.toReversed();
};
