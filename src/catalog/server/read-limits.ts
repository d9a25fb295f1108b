// Reads the limits that replication runs into, with what is used of each now.
// Knows nothing of what a plan is going to need.

import type { Limit } from '../../model/state/server.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

export interface Limits {
  readonly limits: readonly Limit[];
  /** Bytes; null: slots may keep any amount. */
  readonly maxSlotWalKeepSize: number | null;
}

export const readLimits = async (session: Session): Promise<Limits> => {
  const rows = await session.query<LimitRow>(limitQuery);
  const keep = rows[0]?.keep ?? -1;
  return {
    limits: rows.map(({ setting, limit, used }) => ({ setting, limit, used })),
    maxSlotWalKeepSize: keep < 0 ? null : keep,
  };
};

/** One row: slots, origins, walsenders, logical workers, table syncs and background workers of the cluster. */
export const usedNow: Sql = sql`
  SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots) AS slots,
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_origin) AS origins,
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication) AS senders,
         (SELECT pg_catalog.count(w.pid) FROM pg_catalog.pg_stat_subscription AS w) AS workers,
         (SELECT COALESCE(pg_catalog.max(n.syncs), 0)
            FROM (SELECT pg_catalog.count(w.pid) AS syncs FROM pg_catalog.pg_stat_subscription AS w
                   WHERE w.relid IS NOT NULL GROUP BY w.subid) AS n) AS syncs,
         (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS a
           WHERE a.backend_type NOT IN (
             'client backend', 'walsender', 'walreceiver', 'autovacuum launcher', 'autovacuum worker',
             'checkpointer', 'background writer', 'walwriter', 'archiver', 'startup', 'logger',
             'walsummarizer', 'slotsync worker', 'io worker', 'standalone backend')) AS background`;

/**
 * Before 18 the states of origins on a subscriber are bounded by max_replication_slots, each apart from the
 * slots: what is fuller counts. Workers of all kinds share max_worker_processes; a role that may not see
 * other sessions knows of the replication workers and their launcher only. Each setting is asked by its name:
 * pg_settings would compute all of them.
 */
const limitQuery: Sql = sql`
  SELECT g.setting, pg_catalog.current_setting(g.setting, true)::int8 AS limit, g.used,
         pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_slot_wal_keep_size', true)) AS keep
    FROM (${usedNow}) AS u
   CROSS JOIN LATERAL (VALUES
     ('max_active_replication_origins', u.origins),
     ('max_logical_replication_workers', u.workers),
     ('max_replication_slots',
      CASE WHEN pg_catalog.current_setting('max_active_replication_origins', true) IS NULL
           THEN GREATEST(u.slots, u.origins) ELSE u.slots END),
     ('max_sync_workers_per_subscription', u.syncs),
     ('max_wal_senders', u.senders),
     ('max_worker_processes', GREATEST(u.background, u.workers + 1))) AS g (setting, used)
   WHERE pg_catalog.current_setting(g.setting, true) IS NOT NULL
   ORDER BY g.setting`;

interface LimitRow extends Limit {
  /** Bytes; -1: any amount; null: a version without the setting. */
  readonly keep: number | null;
}
