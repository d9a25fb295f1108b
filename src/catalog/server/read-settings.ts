// Reads the settings that replication depends on, and what the cluster uses of what they limit.
// Knows nothing of what a topology needs.

import type { SettingFact, Usage } from '../../model/report/doctor-facts.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { usedNow } from './read-limits.ts';

/** In order of name; what a version does not have is left out. */
export const readSettings = (session: Session): Promise<readonly SettingFact[]> =>
  session.query<SettingFact>(settingsQuery);

export const readUsage = async (session: Session): Promise<Usage> => {
  const [row] = await session.query<Usage>(sql`
    SELECT u.slots, u.origins, u.senders, u.workers, u.syncs, GREATEST(u.background, u.workers + 1) AS background
      FROM (${usedNow}) AS u ORDER BY u.slots`);
  return row ?? { slots: 0, origins: 0, senders: 0, workers: 0, syncs: 0, background: 0 };
};

const settingsQuery: Sql = sql`
  SELECT g.name, pg_catalog.current_setting(g.name) AS value, g.context,
         CASE WHEN g.vartype = 'integer' THEN g.setting::int8 END AS number,
         g.pending_restart AS "pendingRestart"
    FROM pg_catalog.pg_settings AS g
   WHERE g.name IN ('wal_level', 'max_replication_slots', 'max_wal_senders',
                    'max_logical_replication_workers', 'max_sync_workers_per_subscription',
                    'max_worker_processes', 'max_active_replication_origins', 'max_slot_wal_keep_size',
                    'idle_replication_slot_timeout', 'wal_sender_timeout', 'track_commit_timestamp')
   ORDER BY g.name`;
