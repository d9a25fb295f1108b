// Whether a subscription is alive right now: enabled, with a worker, and without new errors.

import type { SubscriptionHealth, SubscriptionWorker } from '../../model/edge/edge-reading.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';

interface HealthRow {
  readonly oid: number;
  readonly enabled: boolean;
  readonly slot: string | null;
  readonly publications: readonly string[];
  readonly disables: boolean;
  readonly workers: readonly SubscriptionWorker[];
  readonly has_counters: boolean;
}

interface CounterRow {
  readonly apply_errors: number;
  readonly sync_errors: number;
  readonly skipped: number | null;
}

/** Null: there is no such subscription in this database. */
export const readSubscriptionHealth = async (
  session: Session,
  subscription: string,
): Promise<SubscriptionHealth | null> => {
  const { subscriptionOptions } = featuresOf(session.serverVersion);
  const disables = subscriptionOptions.some(({ name }) => name === 'disable_on_error')
    ? sql`s.subdisableonerr`
    : sql`false`;
  const [row] = await session.query<HealthRow>(sql`
    SELECT s.oid::int8 AS oid, s.subenabled AS enabled, s.subslotname::text AS slot,
           s.subpublications::text[] AS publications, ${disables} AS disables,
           ${workersOf} AS workers,
           pg_catalog.to_regclass('pg_catalog.pg_stat_subscription_stats') IS NOT NULL AS has_counters
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
     WHERE s.subname = ${subscription} AND d.datname = pg_catalog.current_database()
     ORDER BY s.oid`);
  if (row === undefined) return null;
  const counters = row.has_counters ? await readCounters(session, row.oid) : undefined;
  return {
    enabled: row.enabled,
    slot: row.slot,
    publications: row.publications,
    disablesOnError: row.disables,
    workerRunning: row.workers.some(({ kind }) => kind === 'apply'),
    workers: row.workers,
    applyErrors: counters?.apply_errors ?? null,
    syncErrors: counters?.sync_errors ?? null,
    skippedChanges: counters?.skipped ?? null,
  };
};

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

const readCounters = async (session: Session, oid: number): Promise<CounterRow | undefined> => {
  const [row] = await session.query<CounterRow>(sql`
    SELECT t.apply_error_count AS apply_errors, t.sync_error_count AS sync_errors,
           (pg_catalog.to_jsonb(t) ->> 'confl_update_missing')::int8 AS skipped
      FROM pg_catalog.pg_stat_subscription_stats AS t
     WHERE t.subid = ${oid}::oid
     ORDER BY t.subid`);
  return row;
};
