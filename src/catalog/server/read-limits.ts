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

const mebibyte = 1024 ** 2;

export const readLimits = async (session: Session): Promise<Limits> => {
  const rows = await session.query<LimitRow>(limitQuery);
  const keep = rows.find((row) => row.setting === 'max_slot_wal_keep_size')?.limit ?? -1;
  return {
    limits: rows.flatMap(({ setting, limit, used }) =>
      used === null ? [] : [{ setting, limit, used }],
    ),
    maxSlotWalKeepSize: keep < 0 ? null : keep * mebibyte,
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
 * other sessions knows of the replication workers and their launcher only.
 */
const limitQuery: Sql = sql`
  SELECT g.name AS setting, g.setting::int8 AS limit,
         CASE g.name
           WHEN 'max_replication_slots' THEN
             CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_settings AS o
                                WHERE o.name = 'max_active_replication_origins') THEN u.slots
                  ELSE GREATEST(u.slots, u.origins) END
           WHEN 'max_wal_senders' THEN u.senders
           WHEN 'max_logical_replication_workers' THEN u.workers
           WHEN 'max_sync_workers_per_subscription' THEN u.syncs
           WHEN 'max_worker_processes' THEN GREATEST(u.background, u.workers + 1)
           WHEN 'max_active_replication_origins' THEN u.origins END AS used
    FROM pg_catalog.pg_settings AS g
   CROSS JOIN (${usedNow}) AS u
   WHERE g.name IN ('max_replication_slots', 'max_wal_senders', 'max_logical_replication_workers',
                    'max_sync_workers_per_subscription', 'max_worker_processes',
                    'max_active_replication_origins', 'max_slot_wal_keep_size')
   ORDER BY g.name`;

interface LimitRow {
  readonly setting: string;
  readonly limit: number;
  readonly used: number | null;
}
