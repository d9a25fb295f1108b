// The queue of a node: operations, what is on record of each, and the workers that are there.

import type { OperationReport, QueuedWork } from '../../model/queue/operation.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

interface Wanted {
  /** Null: of any. */
  readonly id: number | null;
  readonly status: string | null;
}

type Row = Omit<OperationReport, 'error'> & {
  readonly errorCode: string | null;
  readonly errorText: string | null;
  readonly cures: readonly string[];
};

const at = (column: Sql): Sql =>
  sql`pg_catalog.to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** As the copy engine has reduced it: the rows of the last run of the operation that has told of itself. */
const progressOf: Sql = sql`COALESCE((
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
             'of', m.what, 'phase', m.phase, 'percent', m.percent::float8, 'etaSeconds', m.eta) ORDER BY m.what)
      FROM (SELECT p.subscription AS what, p.phase, p.overall_percent AS percent, p.eta_seconds AS eta
              FROM steep_repl.init_progress AS p WHERE p.node_id = q.node_id AND p.run_id = ANY (q.run_ids)
             UNION ALL
            SELECT s.snapshot_id, COALESCE(s.phase, s.status), f.percent,
                   pg_catalog.ceil(pg_catalog.date_part('epoch', f.eta))::int8
              FROM steep_repl.snapshots AS s
             CROSS JOIN LATERAL steep_repl.snapshot_progress(s.snapshot_id) AS f
             WHERE s.run_id = ANY (q.run_ids)) AS m), '[]')`;

/** Who only adds operations need not see what else is copied. */
const mayReadProgress = async (session: Session): Promise<boolean> => {
  const [found] = await session.query<{ readonly may: boolean }>(sql`
    SELECT pg_catalog.has_table_privilege('steep_repl.init_progress', 'SELECT')
           AND pg_catalog.has_table_privilege('steep_repl.snapshots', 'SELECT')
           AND pg_catalog.has_function_privilege('steep_repl.snapshot_progress(text)', 'EXECUTE') AS may`);
  return found?.may === true;
};

/** In the order in which they were added. steep_repl must be current. */
export const readOperations = async (
  session: Session,
  { id, status }: Wanted,
): Promise<readonly OperationReport[]> => {
  const progress = (await mayReadProgress(session)) ? progressOf : sql`'[]'::json`;
  const rows = await session.query<Row>(sql`
    SELECT q.id::int8 AS id, q.operation, q.node_id AS node, q.params, q.attempts, q.max_attempts AS "maxAttempts", q.status,
           q.queued_by AS "queuedBy", ${at(sql`q.queued_at`)} AS "queuedAt", ${at(sql`q.run_after`)} AS "runAfter",
           ${at(sql`q.started_at`)} AS "startedAt", ${at(sql`q.ended_at`)} AS "endedAt", q.worker,
           q.status = 'running' AND steep_repl.is_leased(q.lease) AS "hasWorker",
           q.cancel_requested_at IS NOT NULL AS "cancelRequested", q.run_ids AS "runIds",
           ${progress} AS progress,
           q.error_code AS "errorCode", q.error AS "errorText", q.cures
      FROM steep_repl.work_queue AS q
     WHERE (${id}::int8 IS NULL OR q.id = ${id}::int8) AND (${status}::text IS NULL OR q.status = ${status}::text)
     ORDER BY q.id`);
  return rows.map(({ errorCode, errorText, cures, ...row }) => ({
    ...row,
    error: errorCode === null ? null : { code: errorCode, message: errorText ?? '', cures },
  }));
};

/** A line of the audit log. */
export interface OperationLine {
  readonly at: string;
  readonly runId: string | null;
  readonly event: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** What became of an operation, and what its runs did on this node. */
export const readOperationLog = (
  session: Session,
  { id, runIds }: Pick<OperationReport, 'id' | 'runIds'>,
): Promise<readonly OperationLine[]> =>
  session.query<OperationLine>(sql`
    SELECT ${at(sql`a.at`)} AS at, a.run_id AS "runId", a.event, a.subject, a.detail
      FROM steep_repl.audit_log AS a
     WHERE a.subject = ${workSubject(id)} OR a.run_id = ANY (${[...runIds]}::text[])
     ORDER BY a.id`);

/** What an operation is called in the audit log. */
const workSubject = (id: number): string => `operation ${id}`;

/** Operations that this worker runs, and whose end was asked for. */
export const readCancelled = async (
  session: Session,
  lease: number,
): Promise<readonly QueuedWork['id'][]> => {
  const rows = await session.query<{ readonly id: number }>(sql`
    SELECT q.id::int8 AS id FROM steep_repl.work_queue AS q
     WHERE q.status = 'running' AND q.lease = ${lease} AND q.cancel_requested_at IS NOT NULL`);
  return rows.map(({ id }) => id);
};

/** Milliseconds until the next operation of a node is due; null: none waits. */
export const readNextDue = async (session: Session, node: string): Promise<number | null> => {
  const [row] = await session.query<{ readonly ms: number | null }>(sql`
    SELECT pg_catalog.ceil(GREATEST(0, pg_catalog.date_part('epoch', q.run_after - pg_catalog.clock_timestamp()) * 1000))::int8 AS ms
      FROM steep_repl.work_queue AS q WHERE q.status = 'pending' AND q.node_id = ${node}
     ORDER BY q.run_after LIMIT 1`);
  return row?.ms ?? null;
};
