// Writes how far an initial copy is into steep_repl.init_progress, with the heartbeat of its node, and wakes those who
// listen. A NOTIFY is a hint only: the row is the truth.

import type { InitProgress } from '../model/copy/init-progress.ts';
import { toSnakeKeys } from '../model/key-case.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** Whose progress it is: the initial copy of a subscription, and the run that makes it. */
export interface ProgressOf {
  readonly node: NodeName;
  readonly subscription: string;
  readonly runId: string;
}

/** In a short transaction of its own; `notify`: tell the listeners too. */
export const writeProgress = (
  session: Session,
  of: ProgressOf,
  progress: InitProgress,
  notify: boolean,
): Promise<void> =>
  session.transaction({}, async () => {
    // A session that locks the table must not hold up a copy, and a row that is lost with the server is no loss.
    await session.query(sql`
      SELECT pg_catalog.set_config('lock_timeout', '1000ms', true),
             pg_catalog.set_config('statement_timeout', '5000ms', true),
             pg_catalog.set_config('synchronous_commit', 'off', true)`);
    await upsert(session, of, progress);
    await session.query(sql`SELECT steep_repl.heartbeat(${of.node})`);
    if (!notify) return;
    const payload = payloadOf(of, progress);
    await session.query(sql`SELECT pg_catalog.pg_notify('steep_repl_progress', ${payload})`);
  });

const upsert = async (session: Session, of: ProgressOf, progress: InitProgress): Promise<void> => {
  const [current] = progress.tables;
  await session.query(sql`
    INSERT INTO steep_repl.init_progress AS p
           (node_id, subscription, run_id, phase, overall_percent, tables_total, tables_completed,
            current_table, current_table_percent, rows_copied, bytes_copied, bytes_total,
            throughput_rows_sec, throughput_bytes_sec, workers, eta_seconds, lag_bytes, tables)
    VALUES (${of.node}, ${of.subscription}, ${of.runId}, ${progress.phase}, ${percent(progress.percent)},
            ${progress.tablesTotal}, ${progress.tablesDone}, ${current?.table ?? null},
            ${percent(current?.percent ?? null)}, ${whole(progress.rowsCopied)}, ${whole(progress.bytesCopied)},
            ${whole(progress.bytesTotal)}, ${whole(progress.rowsPerSecond)}, ${whole(progress.bytesPerSecond)},
            ${progress.workers}, ${whole(progress.etaSeconds)}, ${whole(progress.lagBytes)},
            ${JSON.stringify(toSnakeKeys(progress.tables))})
    ON CONFLICT (node_id, subscription) DO UPDATE
       SET run_id = EXCLUDED.run_id, phase = EXCLUDED.phase, overall_percent = EXCLUDED.overall_percent,
           tables_total = EXCLUDED.tables_total, tables_completed = EXCLUDED.tables_completed,
           current_table = EXCLUDED.current_table, current_table_percent = EXCLUDED.current_table_percent,
           rows_copied = EXCLUDED.rows_copied, bytes_copied = EXCLUDED.bytes_copied,
           bytes_total = EXCLUDED.bytes_total, throughput_rows_sec = EXCLUDED.throughput_rows_sec,
           throughput_bytes_sec = EXCLUDED.throughput_bytes_sec, workers = EXCLUDED.workers,
           eta_seconds = EXCLUDED.eta_seconds, lag_bytes = EXCLUDED.lag_bytes, tables = EXCLUDED.tables,
           started_at = CASE p.run_id WHEN EXCLUDED.run_id THEN p.started_at ELSE EXCLUDED.started_at END,
           updated_at = EXCLUDED.updated_at`);
};

const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));

const percent = (value: number | null): number | null =>
  value === null ? null : Math.min(100, Math.max(0, value));

/** Far below the 8000 bytes that NOTIFY takes: the tables are in the row. */
const payloadOf = (of: ProgressOf, progress: InitProgress): string =>
  JSON.stringify({
    event: 'init.progress',
    run_id: of.runId,
    node_id: of.node,
    subscription: of.subscription,
    phase: progress.phase,
    overall_progress: progress.percent / 100,
    tables_total: progress.tablesTotal,
    tables_completed: progress.tablesDone,
    eta_seconds: progress.etaSeconds,
    lag_bytes: progress.lagBytes,
  });
