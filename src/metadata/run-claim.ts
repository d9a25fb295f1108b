// Which run may commit on a node: the row of steep_repl.run_lock. A run that takes the run lock writes itself into it;
// every transaction of a run takes it FOR SHARE just before COMMIT. So a run whose lock session ended unnoticed cannot
// store anything once another run has taken over, and the run that takes over sees all that was stored before.

import { SteepError } from '../model/errors.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';

/**
 * From now on `runId` alone may commit; the node counts as seen. Waits for what is between check and COMMIT at this moment; called under the run
 * lock only.
 * @param timeoutMs for that; a transaction that hangs there ends the wait with the server's lock_not_available.
 */
export const claimRun = (session: Session, runId: string, timeoutMs: number): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(
      sql`SELECT pg_catalog.set_config('lock_timeout', ${`${timeoutMs}ms`}, true)`,
    );
    await session.query(sql`
      UPDATE steep_repl.run_lock SET run_id = ${runId}, claimed_at = pg_catalog.clock_timestamp()`);
    await session.query(seen(session));
  });

/** Whoever reads steep_repl.nodes sees when steep last worked on the node, and where the server says it is. */
const seen = ({ node }: Session): Sql => sql`
  UPDATE steep_repl.nodes AS n
     SET last_seen = pg_catalog.clock_timestamp(), status = 'active',
         host = COALESCE(n.host, pg_catalog.host(pg_catalog.inet_server_addr())),
         port = COALESCE(n.port, pg_catalog.inet_server_port())
   WHERE n.node_id = ${node}`;

/** In a transaction of the run, just before COMMIT. @throws SteepError RUN_REPLACED. */
export const assertClaimed = async (session: Session, runId: string): Promise<void> => {
  const found = await session.query(
    sql`SELECT FROM steep_repl.run_lock AS r WHERE r.run_id = ${runId} FOR SHARE`,
  );
  if (found.length === 0) throw runReplaced(session.node);
};

/** Before a statement that cannot be in a transaction. @throws SteepError RUN_REPLACED. */
export const assertMayCommit = (session: Session): Promise<void> =>
  session.transaction({}, () => Promise.resolve());

const runReplaced = (node: string): SteepError =>
  new SteepError(
    'RUN_REPLACED',
    `Node ${node}: this run lost the run lock, and another run has taken it. Uncommitted changes of this run were rolled back.`,
    {
      suggestions: [
        'Wait until the other run has ended, then run the same command again: it continues.',
      ],
    },
  );
