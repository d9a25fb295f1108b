// The oldest open transactions that have written, anywhere in the cluster: the creation of a slot waits
// for each of them. Prepared transactions count, as pid 0.

import type { OpenTransaction } from '../../model/state/server.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** At most five, oldest first, without our own. */
export const readWriters = (session: Session): Promise<readonly OpenTransaction[]> =>
  session.query<OpenTransaction>(sql`
  SELECT w.pid, w.application, w.database, w.state,
         pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - w.since))::int4 AS "ageSeconds"
    FROM (SELECT a.pid, a.application_name AS application, COALESCE(a.datname::text, '') AS database,
                 COALESCE(a.state, 'unknown') AS state, a.xact_start AS since
            FROM pg_catalog.pg_stat_activity AS a
           WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
           UNION ALL
          SELECT 0, 'prepared transaction ' || p.gid, p.database::text, 'prepared', p.prepared
            FROM pg_catalog.pg_prepared_xacts AS p) AS w
   ORDER BY w.since, w.pid LIMIT 5`);
