// What becomes of an operation, written through the session that holds its lease: a worker that lost the lease cannot write,
// and what it did not end another one runs again.

import type { QueuedWork, WorkFailure } from '../../model/queue/operation.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';

/** An operation that a worker runs. */
export interface HeldWork extends Pick<QueuedWork, 'id'> {
  readonly lease: number;
}

export type WorkEnding =
  | { readonly status: 'complete' | 'cancelled' }
  | { readonly status: 'failed'; readonly failure: WorkFailure }
  /** Back into the queue. `counts`: as an attempt. */
  | {
      readonly status: 'pending';
      readonly failure: WorkFailure | null;
      readonly afterMs: number;
      readonly counts: boolean;
    };

/** @returns false: the worker no longer had it, or its session no longer holds the lease. */
export const endWork = async (
  session: Session,
  held: HeldWork,
  ending: WorkEnding,
): Promise<boolean> => {
  const failure = 'failure' in ending ? ending.failure : null;
  const [row] = await session.query<{ readonly ended: number }>(sql`
    WITH ended AS (
      UPDATE steep_repl.work_queue AS q
         SET status = CASE WHEN ${ending.status} = 'pending' AND q.cancel_requested_at IS NOT NULL
                           THEN 'cancelled' ELSE ${ending.status} END,
             lease = NULL, error_code = ${failure?.code ?? null}, error = ${failure?.message ?? null},
             cures = ${[...(failure?.cures ?? [])]}::text[], ${timesOf(ending)}
       WHERE q.id = ${held.id}::int8 AND q.status = 'running' AND q.lease = ${held.lease}
      RETURNING q.id, q.status, q.error_code),
    told AS (
      INSERT INTO steep_repl.audit_log (event, subject, to_state, detail)
      SELECT CASE e.status WHEN 'pending' THEN 'work.returned' ELSE 'work.' || e.status END, 'operation ' || e.id, e.status,
             CASE WHEN e.error_code IS NOT NULL THEN pg_catalog.jsonb_build_object('code', e.error_code) END
        FROM ended AS e)
    SELECT pg_catalog.count(pg_catalog.pg_notify('steep_repl_work', e.id::text))::int4 AS ended FROM ended AS e`);
  return row?.ended === 1;
};

const timesOf = (ending: WorkEnding): Sql => {
  if (ending.status !== 'pending') return sql`ended_at = pg_catalog.clock_timestamp()`;
  const { afterMs, counts } = ending;
  return sql`
    run_after = pg_catalog.clock_timestamp() + ${afterMs}::int4 * interval '1 ms',
    attempts = q.attempts - ${counts ? 0 : 1}::int4,
    ended_at = CASE WHEN q.cancel_requested_at IS NOT NULL THEN pg_catalog.clock_timestamp() END`;
};

/** Which run an attempt is, so that its lines in the audit log are found. */
export const noteRun = async (
  session: Session,
  { id, lease }: HeldWork,
  runId: string,
): Promise<void> => {
  await session.query(sql`
    UPDATE steep_repl.work_queue AS q SET run_ids = q.run_ids || ${runId}::text
     WHERE q.id = ${id}::int8 AND q.lease = ${lease} AND NOT ${runId} = ANY (q.run_ids)`);
};

/** A line of the audit log, as long as the worker has the operation. */
export const noteWork = async (
  session: Session,
  { id, lease }: HeldWork,
  event: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> => {
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (event, subject, detail)
    SELECT ${event}, 'operation ' || q.id, ${JSON.stringify(detail)}::jsonb
      FROM steep_repl.work_queue AS q WHERE q.id = ${id}::int8 AND q.lease = ${lease}`);
};

/** As cancel_work() of steep_repl. */
export const cancelWork = async (session: Session, id: number): Promise<void> => {
  await session.query(sql`SELECT steep_repl.cancel_work(${id}::int8)`);
};

/** Deletes what has been over for so long. @returns how many operations. */
export const purgeWork = async (session: Session, olderThanMs: number): Promise<number> => {
  const [row] = await session.query<{ readonly purged: number }>(sql`
    WITH purged AS (
      DELETE FROM steep_repl.work_queue AS q
       WHERE q.status IN ('complete', 'failed', 'cancelled')
         AND q.ended_at < pg_catalog.clock_timestamp() - ${olderThanMs}::int8 * interval '1 ms'
      RETURNING q.id)
    SELECT pg_catalog.count(*)::int4 AS purged FROM purged`);
  return row?.purged ?? 0;
};
