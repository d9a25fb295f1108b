// Reads the subscriptions of a database, in the same shape on every version.
// Never hands on a connection string: subscription-connection.ts turns it into a verdict here.

import { compareText } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ResourceOf, SubscriptionObserved } from '../../model/state/resource.ts';
import type { Features } from '../../model/state/server.ts';
import type { Session } from '../../postgres/session.ts';
import { ident, join, type Sql, sql } from '../../postgres/sql/sql.ts';
import { identify, type Remembered } from '../metadata/ownership.ts';
import { readConninfos } from '../server/read-conninfos.ts';
import { pendingSkip } from './pending-skip-sql.ts';
import {
  asApplied,
  connectionState,
  type Endpoint,
  type ExpectedConnection,
  holdsPassword,
  sourceOfConnection,
} from './subscription-connection.ts';

export interface SubscriptionContext {
  readonly node: NodeName;
  readonly features: Features;
  readonly remembered: Remembered;
  readonly endpoints: readonly Endpoint[];
  readonly expected: Readonly<Record<string, ExpectedConnection>>;
  readonly comparesApplied: boolean;
}

export const readSubscriptions = async (
  session: Session,
  context: SubscriptionContext,
): Promise<readonly ResourceOf<'subscription'>[]> => {
  const rows = await session.query<SubscriptionRow>(subscriptionQuery(context.features));
  const [first] = rows;
  if (first === undefined) return [];
  const conninfos = first.readable ? await readConninfos(session) : new Map<string, string>();
  const counters = first.counted ? await readCounters(session) : new Map<string, CounterRow>();
  const isOff = rows.some(({ enabled, traceable }) => traceable && !enabled);
  const positions = isOff ? await readPositions(session) : new Map<string, Position>();
  return rows.map((row) => {
    const identification = identify(context.remembered, context.node, 'subscription', row.name);
    const applied = context.remembered.get(identification.address);
    const live = conninfos.get(row.name) ?? null;
    const expected = context.expected[row.name];
    const facts = { live, expected, applied, endpoints: context.endpoints };
    return {
      ...identification,
      spec: {
        source: sourceOfConnection(facts),
        publications: [...row.publications].sort(compareText),
        slot: row.slot,
        enabled: row.enabled,
        connection: connectionState(facts),
        options: normalizeOptions(row.options),
      },
      observed: {
        ...observe(row, counters.get(row.name)),
        ...positions.get(row.name),
        secretInCatalog: holdsPassword(live),
        ...(context.comparesApplied && { asApplied: asApplied(facts) }),
      },
    };
  });
};

function observe(
  row: SubscriptionRow,
  counters: CounterRow | undefined,
): Omit<SubscriptionObserved, 'secretInCatalog' | 'asApplied'> {
  return {
    oid: row.oid,
    workerRunning: row.worker_running,
    twoPhaseState: twoPhaseStates[row.options.two_phase ?? 'd'] ?? 'disabled',
    ...(row.skip !== null && { skipLsn: row.skip }),
    ...(row.prepared.length > 0 && { prepared: row.prepared }),
    applyErrors: counters?.apply_errors ?? null,
    syncErrors: counters?.sync_errors ?? null,
  };
}

const twoPhaseStates: Readonly<Record<string, SubscriptionObserved['twoPhaseState']>> = {
  d: 'disabled',
  p: 'pending',
  e: 'enabled',
};

/** Catalog values that are not what WITH (…) takes; streaming was boolean before it had a third value. */
const optionValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  streaming: { false: 'off', true: 'on', f: 'off', t: 'on', p: 'parallel' },
  two_phase: { d: 'false', p: 'true', e: 'true' },
};

function normalizeOptions(
  options: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, optionValues[name]?.[value] ?? value]),
  );
}

/** Option → column. A whole-row to_jsonb would need the right to read subconninfo. */
const optionColumns: Readonly<Record<string, string>> = {
  binary: 'subbinary',
  streaming: 'substream',
  synchronous_commit: 'subsynccommit',
  two_phase: 'subtwophasestate',
  disable_on_error: 'subdisableonerr',
  password_required: 'subpasswordrequired',
  run_as_owner: 'subrunasowner',
  origin: 'suborigin',
  failover: 'subfailover',
};

function subscriptionQuery(features: Features): Sql {
  const options = features.subscriptionOptions.flatMap(({ name }) => {
    const column = optionColumns[name];
    return column === undefined ? [] : [sql`${name}::text, s.${ident(column)}::text`];
  });
  return sql`
    SELECT s.oid::int8 AS oid, s.subname::text AS name, s.subenabled AS enabled, s.subslotname::text AS slot,
           s.subpublications::text[] AS publications,
           pg_catalog.json_build_object(${join(options)}) AS options,
           ${pendingSkip(features.skipsTransactions)} AS skip,
           pg_catalog.has_function_privilege(
             'pg_catalog.pg_replication_origin_progress(text, boolean)', 'EXECUTE') AS traceable,
           EXISTS (SELECT FROM pg_catalog.pg_stat_subscription AS w
                    WHERE w.subid = s.oid AND w.relid IS NULL AND w.pid IS NOT NULL) AS worker_running,
           ARRAY(SELECT p.gid FROM pg_catalog.pg_prepared_xacts AS p
                  WHERE p.database = d.datname AND pg_catalog.starts_with(p.gid, 'pg_gid_' || s.oid || '_')
                  ORDER BY p.gid) AS prepared,
           pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT') AS readable,
           pg_catalog.to_regclass('pg_catalog.pg_stat_subscription_stats') IS NOT NULL AS counted
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
     ORDER BY s.subname`;
}

interface SubscriptionRow {
  readonly oid: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly slot: string | null;
  readonly publications: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly skip: string | null;
  readonly traceable: boolean;
  readonly worker_running: boolean;
  readonly prepared: readonly string[];
  readonly readable: boolean;
  readonly counted: boolean;
}

async function readCounters(session: Session): Promise<ReadonlyMap<string, CounterRow>> {
  const rows = await session.query<CounterRow>(sql`
    SELECT t.subname::text AS name, t.apply_error_count AS apply_errors, t.sync_error_count AS sync_errors
      FROM pg_catalog.pg_stat_subscription_stats AS t
      JOIN pg_catalog.pg_subscription AS s ON s.oid = t.subid
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
     ORDER BY t.subname`);
  return new Map(rows.map((row) => [row.name, row]));
}

type Position = Pick<SubscriptionObserved, 'appliedLsn'>;

/** Of disabled subscriptions, by name: up to where of its source each holds the changes. */
async function readPositions(session: Session): Promise<ReadonlyMap<string, Position>> {
  const rows = await session.query<{ readonly name: string; readonly lsn: string | null }>(sql`
    SELECT s.subname::text AS name, pg_catalog.pg_replication_origin_progress(o.roname, false)::text AS lsn
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_replication_origin AS o ON o.roname = 'pg_' || s.oid
     WHERE NOT s.subenabled
     ORDER BY s.subname`);
  return new Map(
    rows.flatMap(({ name, lsn }) => (lsn === null ? [] : [[name, { appliedLsn: lsn }] as const])),
  );
}

interface CounterRow {
  readonly name: string;
  readonly apply_errors: number;
  readonly sync_errors: number;
}
