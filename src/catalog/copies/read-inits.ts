// Reads the initial copies of a node, as steep_repl has them: state and progress of each.

import type { InitPhase } from '../../model/copy/init-phase.ts';
import type { InitProgress } from '../../model/copy/init-progress.ts';
import type { InitReading } from '../../model/copy/init-reading.ts';
import type { InitState } from '../../model/copy/init-state.ts';
import { toCamelKeys } from '../../model/key-case.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { InitMethod } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import { assertMetadataTrusted } from '../trust/assert-metadata-trusted.ts';

/** In order of the subscription; empty where steep_repl is not installed, or older than its progress. */
export const readInits = async (
  session: Session,
  node: NodeName,
): Promise<readonly InitReading[]> => {
  const [installed] = await session.query<{ readonly there: boolean }>(sql`
    SELECT pg_catalog.to_regclass('steep_repl.init_progress') IS NOT NULL AS there`);
  if (installed?.there !== true) return [];
  await assertMetadataTrusted(session);
  return readInitsAt(session, node, initsSince);
};

/** The version of steep_repl that has their progress. */
const initsSince = 3;

/** The same where the version is known, and the schema was examined with it. */
export const readInitsAt = async (
  session: Session,
  node: NodeName,
  metadataVersion: number,
): Promise<readonly InitReading[]> => {
  if (metadataVersion < initsSince) return [];
  const rows = await session.query<InitRow>(initsOf(node));
  return rows.map((row) => ({
    node,
    subscription: row.subscription,
    source: row.source,
    method: row.method,
    state: row.state,
    error: row.error,
    runId: row.run_id,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    silentSeconds: row.silent_seconds,
    progress: progressOf(row),
  }));
};

/** What was written before a copy began is how far the one before it was. */
const initsOf = (node: NodeName): Sql => sql`
  SELECT i.subscription, i.source_node AS source, i.method, i.state, i.error, COALESCE(p.run_id, i.run_id) AS run_id,
         pg_catalog.to_char(i.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
         pg_catalog.to_char(i.completed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS completed_at,
         GREATEST(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - GREATEST(i.updated_at, p.updated_at)), 0)::float8
           AS silent_seconds,
         p.phase, p.overall_percent::float8 AS percent, p.tables_total, p.tables_completed, p.rows_copied,
         p.bytes_copied, p.bytes_total, p.throughput_rows_sec, p.throughput_bytes_sec, p.eta_seconds,
         p.workers, p.lag_bytes, p.tables
    FROM steep_repl.subscriptions_init AS i
    LEFT JOIN steep_repl.init_progress AS p
      ON p.subscription = i.subscription AND p.node_id = i.node_id AND p.updated_at >= i.started_at
   WHERE i.node_id = ${node}
   ORDER BY i.subscription`;

type Progressed = {
  readonly phase: InitPhase;
  readonly percent: number;
  readonly tables_total: number;
  readonly tables_completed: number;
  readonly rows_copied: number;
  readonly bytes_copied: number;
  readonly bytes_total: number | null;
  readonly throughput_rows_sec: number | null;
  readonly throughput_bytes_sec: number | null;
  readonly eta_seconds: number | null;
  readonly workers: number;
  readonly lag_bytes: number | null;
  readonly tables: unknown;
};

type InitRow = {
  readonly subscription: string;
  readonly source: string | null;
  readonly method: InitMethod;
  readonly state: InitState;
  readonly error: string | null;
  readonly run_id: string;
  readonly started_at: string;
  readonly completed_at: string | null;
  readonly silent_seconds: number;
} & (Progressed | { readonly phase: null });

const progressOf = (row: InitRow): InitProgress | null =>
  row.phase === null
    ? null
    : {
        phase: row.phase,
        percent: row.percent,
        tablesTotal: row.tables_total,
        tablesDone: row.tables_completed,
        rowsCopied: row.rows_copied,
        bytesCopied: row.bytes_copied,
        bytesTotal: row.bytes_total,
        rowsPerSecond: row.throughput_rows_sec,
        bytesPerSecond: row.throughput_bytes_sec,
        etaSeconds: row.eta_seconds,
        workers: row.workers,
        lagBytes: row.lag_bytes,
        tables: toCamelKeys(row.tables) as InitProgress['tables'],
      };
