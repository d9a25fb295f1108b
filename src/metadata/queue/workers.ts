// The workers that serve the queue of a node: sessions that hold a lease.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface WorkerLook {
  /** As its session calls itself: `steep worker HOST PID`. */
  readonly application: string;
  readonly pid: number;
  /** Since it last asked the server for anything. */
  readonly quietSeconds: number | null;
}

/** The workers that hold a lease here. A lock of a role that may not change steep_repl does not count. */
export const readWorkers = (session: Session): Promise<readonly WorkerLook[]> =>
  session.query<WorkerLook>(sql`
    SELECT a.application_name AS application, a.pid,
           pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.query_start) AS "quietSeconds"
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = 1937007975
       AND pg_catalog.has_table_privilege(a.usesysid, 'steep_repl.schema_version', 'UPDATE')
     ORDER BY a.pid`);
