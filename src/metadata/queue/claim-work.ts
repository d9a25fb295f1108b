// Which operation a worker takes next: the first that waits, or that a worker had which is no longer there. Each statement is
// a transaction of its own: the session of a worker serves several operations at once.

import type { QueuedWork } from '../../model/queue/operation.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** Who takes it. */
export interface Claimant {
  readonly node: NodeName;
  readonly lease: number;
  /** `dba@host 4711`, for people. */
  readonly worker: string;
}

/**
 * Ends what nobody runs any more and is not to be run again: it was cancelled meanwhile, or its workers ended each time it
 * was begun.
 */
export const endAbandoned = async (session: Session, node: NodeName): Promise<void> => {
  await session.query(sql`
    WITH lost AS (
      SELECT q.id FROM steep_repl.work_queue AS q
       WHERE q.status = 'running' AND q.node_id = ${node}
         AND (q.cancel_requested_at IS NOT NULL OR q.attempts >= q.max_attempts) AND NOT steep_repl.is_leased(q.lease)
         FOR UPDATE SKIP LOCKED),
    ended AS (
      UPDATE steep_repl.work_queue AS q
         SET status = CASE WHEN q.cancel_requested_at IS NULL THEN 'failed' ELSE 'cancelled' END,
             ended_at = pg_catalog.clock_timestamp(), lease = NULL,
             error_code = CASE WHEN q.cancel_requested_at IS NULL THEN 'WORKER_LOST' END,
             error = CASE WHEN q.cancel_requested_at IS NULL
                          THEN pg_catalog.format('Its worker ended before it did, %s times.', q.attempts) END,
             cures = CASE WHEN q.cancel_requested_at IS NULL THEN ARRAY[
               'Find out why the worker ended: its own log, and that of the machine (out of memory?). Then queue the operation again: it resumes.']
               ELSE '{}' END
        FROM lost AS l WHERE q.id = l.id
      RETURNING q.id, q.status)
    INSERT INTO steep_repl.audit_log (event, subject, to_state)
    SELECT 'work.' || e.status, 'operation ' || e.id, e.status FROM ended AS e`);
};

/** Null: there is nothing to do now. */
export const claimWork = async (
  session: Session,
  { node, lease, worker }: Claimant,
): Promise<QueuedWork | null> => {
  const [row] = await session.query<QueuedWork>(sql`
    WITH next AS (
      SELECT q.id FROM steep_repl.work_queue AS q
       WHERE q.node_id = ${node}
         AND (q.status = 'pending' AND q.run_after <= pg_catalog.clock_timestamp()
              OR q.status = 'running' AND NOT steep_repl.is_leased(q.lease))
       ORDER BY q.id LIMIT 1 FOR UPDATE SKIP LOCKED),
    claimed AS (
      UPDATE steep_repl.work_queue AS q
         SET status = 'running', lease = ${lease}, worker = ${worker}, attempts = q.attempts + 1,
             started_at = COALESCE(q.started_at, pg_catalog.clock_timestamp())
        FROM next AS n WHERE q.id = n.id
      RETURNING q.*),
    told AS (
      INSERT INTO steep_repl.audit_log (event, subject, to_state, detail)
      SELECT 'work.started', 'operation ' || c.id, 'running',
             pg_catalog.jsonb_build_object('worker', c.worker, 'attempt', c.attempts)
        FROM claimed AS c)
    SELECT c.id::int8 AS id, c.operation, c.node_id AS node, c.params, c.attempts, c.max_attempts AS "maxAttempts"
      FROM claimed AS c`);
  return row ?? null;
};
