// Reads every lasting slot of the cluster, including those that steep did not create: any of them can fill the disk.

import type { SlotRisk } from '../../model/report/doctor-facts.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

export const readSlotRisks = (session: Session): Promise<readonly SlotRisk[]> =>
  session.query<SlotRisk>(riskQuery);

const riskQuery: Sql = sql`
  SELECT s.slot_name::text AS name, s.slot_type AS type, s.database::text AS database, s.active,
         s.wal_status AS "walStatus", pg_catalog.to_jsonb(s) ->> 'invalidation_reason' AS invalidation,
         pg_catalog.pg_wal_lsn_diff(w.lsn, s.restart_lsn)::int8 AS "retainedBytes",
         COALESCE((pg_catalog.to_jsonb(s) ->> 'failover')::boolean, false) AS failover
    FROM pg_catalog.pg_replication_slots AS s
   CROSS JOIN (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                           ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) AS w
   WHERE NOT s.temporary
   ORDER BY s.slot_name`;
