// Whether a subscription is alive right now: enabled, with a worker, and without new errors.

import type { SubscriptionHealth, SubscriptionWorker } from '../../model/edge/edge-reading.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';
import { pendingSkip } from '../objects/pending-skip-sql.ts';

interface HealthRow {
  readonly name: string;
  readonly oid: number;
  readonly enabled: boolean;
  readonly slot: string | null;
  readonly publications: readonly string[];
  readonly disables: boolean;
  readonly skip: string | null;
  readonly workers: readonly SubscriptionWorker[];
  readonly has_counters: boolean;
}

interface CounterRow {
  readonly oid: number;
  readonly apply_errors: number;
  readonly sync_errors: number;
  readonly skipped: number | null;
  readonly conflicts: number | null;
}

/** Null: there is no such subscription in this database. */
export const readSubscriptionHealth = async (
  session: Session,
  subscription: string,
): Promise<SubscriptionHealth | null> =>
  (await readSubscriptionHealths(session, [subscription])).get(subscription) ?? null;

/** By name, in two statements whatever their number; one that this database does not have is left out. */
export const readSubscriptionHealths = async (
  session: Session,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, SubscriptionHealth>> => {
  const { subscriptionOptions, skipsTransactions } = featuresOf(session.serverVersion);
  const disables = subscriptionOptions.some(({ name }) => name === 'disable_on_error')
    ? sql`s.subdisableonerr`
    : sql`false`;
  const rows = await session.query<HealthRow>(sql`
    SELECT s.oid::int8 AS oid, s.subname::text AS name, s.subenabled AS enabled, s.subslotname::text AS slot,
           s.subpublications::text[] AS publications, ${disables} AS disables,
           ${pendingSkip(skipsTransactions)} AS skip,
           ${workersOf} AS workers,
           pg_catalog.to_regclass('pg_catalog.pg_stat_subscription_stats') IS NOT NULL AS has_counters
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
     WHERE s.subname = ANY (${subscriptions}::name[]) AND d.datname = pg_catalog.current_database()
     ORDER BY s.oid`);
  const counted = rows.filter(({ has_counters }) => has_counters).map(({ oid }) => oid);
  const counters = await readCounters(session, counted);
  return new Map(rows.map((row) => [row.name, healthOf(row, counters.get(row.oid))]));
};

const healthOf = (row: HealthRow, counters: CounterRow | undefined): SubscriptionHealth => ({
  enabled: row.enabled,
  slot: row.slot,
  publications: row.publications,
  disablesOnError: row.disables,
  skipLsn: row.skip,
  workerRunning: row.workers.some(({ kind }) => kind === 'apply'),
  workers: row.workers,
  applyErrors: counters?.apply_errors ?? null,
  syncErrors: counters?.sync_errors ?? null,
  skippedChanges: counters?.skipped ?? null,
  conflicts: counters?.conflicts ?? null,
});

/** Of the subscription `s`; the row of a subscription without a worker has no pid. Parallel apply came with 16. */
const workersOf = sql`
  (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
            'pid', w.pid,
            'kind', CASE WHEN w.relid IS NOT NULL THEN 'sync'
                         WHEN pg_catalog.to_jsonb(w) ->> 'leader_pid' IS NOT NULL THEN 'parallel'
                         ELSE 'apply' END,
            'waitType', a.wait_event_type,
            'wait', a.wait_event,
            'ageSeconds', EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.backend_start)::float8)
            ORDER BY w.pid), '[]')
     FROM pg_catalog.pg_stat_subscription AS w
     LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = w.pid
    WHERE w.subid = s.oid AND w.pid IS NOT NULL)`;

const readCounters = async (
  session: Session,
  oids: readonly number[],
): Promise<ReadonlyMap<number, CounterRow>> => {
  if (oids.length === 0) return new Map();
  const rows = await session.query<CounterRow>(sql`
    SELECT t.subid::int8 AS oid, t.apply_error_count AS apply_errors, t.sync_error_count AS sync_errors,
           (pg_catalog.to_jsonb(t) ->> 'confl_update_missing')::int8 AS skipped,
           (SELECT pg_catalog.sum(e.value::int8)::int8 FROM pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(t)) AS e
             WHERE e.key ~ '^confl_') AS conflicts
      FROM pg_catalog.pg_stat_subscription_stats AS t
     WHERE t.subid = ANY (${oids.map(String)}::oid[])
     ORDER BY t.subid`);
  return new Map(rows.map((row) => [row.oid, row]));
};
