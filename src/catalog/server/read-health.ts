// Whether a subscription is alive right now: enabled, with a worker, and without new errors.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { featuresOf } from '../../postgres/versions.ts';

export interface SubscriptionHealth {
  readonly enabled: boolean;
  /** Null: detached. */
  readonly slot: string | null;
  readonly publications: readonly string[];
  /** disable_on_error (15 and later). */
  readonly disablesOnError: boolean;
  readonly workerRunning: boolean;
  /** Counters of pg_stat_subscription_stats (15 and later); null before. */
  readonly applyErrors: number | null;
  readonly syncErrors: number | null;
}

interface HealthRow {
  readonly oid: number;
  readonly enabled: boolean;
  readonly slot: string | null;
  readonly publications: readonly string[];
  readonly disables: boolean;
  readonly worker_running: boolean;
  readonly has_counters: boolean;
}

interface CounterRow {
  readonly apply_errors: number;
  readonly sync_errors: number;
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
           EXISTS (SELECT FROM pg_catalog.pg_stat_subscription AS w
                    WHERE w.subid = s.oid AND w.relid IS NULL AND w.pid IS NOT NULL) AS worker_running,
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
    workerRunning: row.worker_running,
    applyErrors: counters?.apply_errors ?? null,
    syncErrors: counters?.sync_errors ?? null,
  };
};

const readCounters = async (session: Session, oid: number): Promise<CounterRow | undefined> => {
  const [row] = await session.query<CounterRow>(sql`
    SELECT t.apply_error_count AS apply_errors, t.sync_error_count AS sync_errors
      FROM pg_catalog.pg_stat_subscription_stats AS t
     WHERE t.subid = ${oid}::oid
     ORDER BY t.subid`);
  return row;
};
