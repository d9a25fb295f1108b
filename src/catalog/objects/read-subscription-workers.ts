// The workers of subscriptions, and how far each is.

import type { ListedWorker } from '../../model/report/objects.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** By the name of the subscription. */
export const readSubscriptionWorkers = async (
  session: Session,
): Promise<ReadonlyMap<string, readonly ListedWorker[]>> => {
  const rows = await session.query<ListedWorker & { readonly subscription: string }>(sql`
    SELECT s.subname::text AS subscription, w.pid, w.relid::pg_catalog.regclass::text AS table,
           w.received_lsn::text AS "receivedLsn", w.latest_end_lsn::text AS "latestEndLsn",
           pg_catalog.to_char(w.latest_end_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "latestEndTime"
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_stat_subscription AS w ON w.subid = s.oid AND w.pid IS NOT NULL
     ORDER BY s.subname, w.relid NULLS FIRST, w.pid`);
  const found = new Map<string, ListedWorker[]>();
  for (const { subscription, ...worker } of rows) {
    found.set(subscription, [...(found.get(subscription) ?? []), worker]);
  }
  return found;
};
