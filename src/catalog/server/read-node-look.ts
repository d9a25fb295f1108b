// One node as steep watch shows it: version, role, limits, and every lasting slot of the cluster with the lag of its reader.

import type { NodeLook } from '../../model/watch/watch-event.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { formatVersion } from '../../postgres/versions.ts';

type ServerLook = Pick<NodeLook, 'version' | 'role' | 'walKeepBytes' | 'slots'>;

/** In one statement. Lag is null to roles that may not see sessions of others. */
export const readNodeLook = async (session: Session): Promise<ServerLook> => {
  const [row] = await session.query<Omit<ServerLook, 'version'>>(lookQuery);
  if (row === undefined) throw new Error('the server has told nothing of itself');
  return { ...row, version: formatVersion(session.serverVersion) };
};

const slots: Sql = sql`
  SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', s.slot_name, 'type', s.slot_type, 'active', s.active, 'walStatus', s.wal_status,
           'safeWalSize', s.safe_wal_size,
           'retainedBytes', pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn),
           'restartLsn', s.restart_lsn, 'confirmedFlushLsn', s.confirmed_flush_lsn,
           'lagSeconds', (SELECT EXTRACT(epoch FROM r.replay_lag)::float8
                            FROM pg_catalog.pg_stat_replication AS r WHERE r.pid = s.active_pid))
         ORDER BY s.slot_name)
    FROM pg_catalog.pg_replication_slots AS s
   CROSS JOIN (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                           ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) AS w
   WHERE NOT s.temporary`;

const lookQuery: Sql = sql`
  SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
         (SELECT NULLIF(k.setting::int8, -1) * 1024 * 1024
            FROM pg_catalog.pg_settings AS k WHERE k.name = 'max_slot_wal_keep_size') AS "walKeepBytes",
         COALESCE((${slots}), '[]') AS slots
   ORDER BY 1`;
