// Reads the replication origins of a cluster. One whose name is that of a subscription's origin belongs to it.

import type { ReplicationOrigin } from '../../model/state/surroundings.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** @throws SteepError when the server refuses, or goes away. */
export const readOrigins = async (session: Session): Promise<readonly ReplicationOrigin[]> => {
  try {
    return await session.query<ReplicationOrigin>(sql`
      SELECT o.roname AS name,
             (SELECT s.subname::text FROM pg_catalog.pg_subscription AS s
               WHERE o.roname = 'pg_' || s.oid OR o.roname LIKE 'pg\_' || s.oid || '\_%') AS subscription,
             s.remote_lsn::text AS "remoteLsn", s.local_lsn::text AS "localLsn"
        FROM pg_catalog.pg_replication_origin AS o
        LEFT JOIN pg_catalog.pg_replication_origin_status AS s ON s.local_id = o.roident
       ORDER BY o.roname`);
  } catch (error) {
    throw toFailure(error, { node: session.node, doing: 'reading replication origins' });
  }
};
