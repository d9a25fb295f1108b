// Ends what a server still does for connections that are lost on this side: a statement that was sent may run for long,
// and be done after all.

import { SteepError } from '../model/errors.ts';
import type { Session } from './session.ts';
import { sql } from './sql/sql.ts';

const waitMs = 5000;

/**
 * Ends the backends of sessions with the same server, and every walsender of this run, and waits until they are gone:
 * from then on what they did is final. A pid may belong to another session by now: one of the same run is known by its
 * name, and all others are left alone.
 * @throws SteepError CONNECTION_LOST where one does not end in time.
 */
export const endBackends = async (session: Session, lost: readonly Session[]): Promise<void> => {
  const pids = lost.filter(({ closed }) => closed).map(({ pid }) => pid);
  const found = await session.query<{ readonly pid: number; readonly ended: boolean }>(sql`
    SELECT a.pid, pg_catalog.pg_terminate_backend(a.pid, ${waitMs}) AS ended
      FROM pg_catalog.pg_stat_activity AS a
     WHERE (a.pid = ANY (${pids}::int4[]) OR a.backend_type = 'walsender')
       AND a.application_name = pg_catalog.current_setting('application_name')
       AND a.pid <> pg_catalog.pg_backend_pid() AND a.usename = session_user`);
  const left = found.find(({ ended }) => !ended);
  if (left === undefined) return;
  throw new SteepError(
    'CONNECTION_LOST',
    `Node ${session.node}: pid ${left.pid} of this run, whose connection is lost, does not end.`,
    { suggestions: ['Check the server and its log, then run the same command again.'] },
  );
};
