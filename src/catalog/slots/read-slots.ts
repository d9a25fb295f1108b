// Reads the logical slots of a database: subscriptions' slots as resources, PostgreSQL's own table-sync slots that were
// left behind by name. Slots of other plugins and databases are not handled here.

import type { NodeName } from '../../model/state/address.ts';
import type { ResourceOf, SlotObserved } from '../../model/state/resource.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { identify, type Remembered } from '../metadata/ownership.ts';

export interface LiveSlots {
  readonly resources: readonly ResourceOf<'slot'>[];
  readonly orphans: readonly string[];
}

export const readSlots = async (
  session: Session,
  node: NodeName,
  remembered: Remembered,
): Promise<LiveSlots> => {
  const rows = await session.query<SlotRow>(slotQuery);
  return {
    resources: rows
      .filter((row) => !row.table_sync)
      .map(({ name, plugin, database, observed }) => ({
        ...identify(remembered, node, 'slot', name),
        spec: { plugin, database },
        observed,
      })),
    orphans: rows.filter((row) => row.orphan).map((row) => row.name),
  };
};

/**
 * A table-sync slot is not active while its table is copied, but then a walsender with the slot's name as
 * application_name runs. Who may not see other sessions cannot tell, and gets no orphans.
 * A slot without a confirmed position is still being created, and gone again if that is cancelled.
 */
const slotQuery: Sql = sql`
  SELECT s.slot_name::text AS name, s.plugin::text AS plugin, s.database::text AS database,
         s.slot_name ~ '^pg_[0-9]+_sync_[0-9]+_[0-9]+$' AS table_sync,
         s.slot_name ~ '^pg_[0-9]+_sync_[0-9]+_[0-9]+$' AND NOT s.active
           AND pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a
                            WHERE a.application_name = s.slot_name) AS orphan,
         pg_catalog.json_build_object(
           'active', s.active,
           'walStatus', s.wal_status,
           'invalidation', pg_catalog.to_jsonb(s) ->> 'invalidation_reason',
           'catalogXmin', s.catalog_xmin::text,
           'confirmedFlushLsn', s.confirmed_flush_lsn,
           'restartLsn', s.restart_lsn,
           'lagBytes', pg_catalog.pg_wal_lsn_diff(w.lsn, s.confirmed_flush_lsn),
           'retainedBytes', pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn),
           'safeWalSize', s.safe_wal_size,
           'failover', COALESCE((pg_catalog.to_jsonb(s) ->> 'failover')::boolean, false),
           'twoPhase', COALESCE((pg_catalog.to_jsonb(s) ->> 'two_phase')::boolean, false),
           'statistics', (SELECT pg_catalog.json_build_object(
                     'resetAt', t.stats_reset, 'transactions', t.total_txns, 'countingSince', u.stats_reset)
              FROM pg_catalog.pg_stat_replication_slots AS t CROSS JOIN pg_catalog.pg_stat_wal AS u
             WHERE t.slot_name = s.slot_name)) AS observed
    FROM pg_catalog.pg_replication_slots AS s
   CROSS JOIN LATERAL (SELECT CASE
           WHEN s.slot_name IS NULL THEN NULL
           WHEN pg_catalog.pg_is_in_recovery() THEN GREATEST(pg_catalog.pg_last_wal_replay_lsn(), s.confirmed_flush_lsn)
           ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) AS w
   WHERE s.database = pg_catalog.current_database() AND s.plugin = 'pgoutput' AND NOT s.temporary
     AND s.confirmed_flush_lsn IS NOT NULL
   ORDER BY s.slot_name`;

interface SlotRow {
  readonly name: string;
  readonly plugin: string;
  readonly database: string;
  readonly table_sync: boolean;
  readonly orphan: boolean;
  readonly observed: SlotObserved;
}
