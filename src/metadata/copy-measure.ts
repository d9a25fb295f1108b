// How long the initial copy of a subscription took, in the audit log: the rate that later plans estimate with. Only
// what one run saw from its start to its end is measured: a copy that waited for another session is no rate.

import { smallestSample } from '../model/plan/copy-estimate.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

export interface CopyOf {
  readonly node: NodeName;
  readonly subscription: string;
  readonly runId: string;
}

/** PostgreSQL begins to copy now. */
export const noteCopyStart = async (session: Session, copy: CopyOf): Promise<void> => {
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
    VALUES (${copy.runId}, 'init.copy_started', ${copy.subscription},
            pg_catalog.jsonb_build_object('node', ${copy.node}::text))`);
};

/** Its tables are ready; nothing is noted of a small copy, and of one that another run began. */
export const noteCopyEnd = async (session: Session, copy: CopyOf, bytes: number): Promise<void> => {
  if (bytes < smallestSample) return;
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
    SELECT a.run_id, 'init.copy_measured', a.subject, a.detail || pg_catalog.jsonb_build_object(
             'bytes', ${bytes}::int8,
             'duration_ms', pg_catalog.ceil(1000 * EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.at)))
      FROM steep_repl.audit_log AS a
     WHERE a.run_id = ${copy.runId} AND a.event = 'init.copy_started' AND a.subject = ${copy.subscription}
       AND a.detail ->> 'node' = ${copy.node}
     ORDER BY a.id DESC
     LIMIT 1`);
};
