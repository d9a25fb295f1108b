// The queue of a node for the live screen: what waits, what runs, and what has failed lately.

import type { QueueLook } from '../../model/queue/operation.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** The version of steep_repl that has a queue. */
const queueSince = 5;

/** Operations that are shown; the screen is no list of thousands. */
const shown = 50;

/** Whether the role may see the queue: who may not, still watches everything else. */
export const mayReadQueue = async (session: Session, metadataVersion: number): Promise<boolean> => {
  if (metadataVersion < queueSince) return false;
  const [found] = await session.query<{ readonly may: boolean }>(sql`
    SELECT pg_catalog.has_table_privilege('steep_repl.work_queue', 'SELECT')
           AND pg_catalog.has_function_privilege('steep_repl.is_leased(integer)', 'EXECUTE') AS may`);
  return found?.may === true;
};

/** In the order in which they were added; failed ones for an hour. */
export const readQueueLook = (session: Session, node: string): Promise<readonly QueueLook[]> =>
  session.query<QueueLook>(sql`
    SELECT q.id::int8 AS id, q.operation, q.status, q.attempts, q.max_attempts AS "maxAttempts", q.queued_by AS "queuedBy",
           q.worker, q.status = 'running' AND steep_repl.is_leased(q.lease) AS "hasWorker",
           q.cancel_requested_at IS NOT NULL AS "cancelRequested", q.error_code AS "errorCode", q.error AS "errorText"
      FROM steep_repl.work_queue AS q
     WHERE q.node_id = ${node}
           AND (q.status IN ('pending', 'running')
                OR q.status = 'failed' AND q.ended_at > pg_catalog.clock_timestamp() - interval '1 hour')
     ORDER BY q.id LIMIT ${shown}`);
