// How this role can make a server log which transactions run, which lets its slots move on: by a function (16+),
// by a checkpoint, or not at all, and then the background writer does it, every 15 s while there is WAL.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export type SnapshotLogging = 'function' | 'checkpoint' | 'none';

export const readSnapshotLogging = async (session: Session): Promise<SnapshotLogging> => {
  const [row] = await session.query<{ readonly logging: SnapshotLogging }>(sql`
    SELECT CASE WHEN pg_catalog.has_function_privilege(
                       pg_catalog.to_regprocedure('pg_catalog.pg_log_standby_snapshot()')::oid, 'EXECUTE')
                THEN 'function'
                WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                              WHERE (r.rolname = current_user AND r.rolsuper)
                                 OR (r.rolname = 'pg_checkpoint' AND pg_catalog.pg_has_role(r.oid, 'USAGE')))
                THEN 'checkpoint'
                ELSE 'none' END AS logging`);
  return row?.logging ?? 'none';
};
