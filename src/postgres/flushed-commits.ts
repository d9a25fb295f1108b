// Commits that a crash of the server does not undo, whatever synchronous_commit the role or the database has.

import type { Session } from './session.ts';
import { sql } from './sql/sql.ts';

/** As long as the session lasts. Where commits wait for standbys, they still do. */
export const flushCommits = (session: Session): Promise<unknown> =>
  session.query(sql`
    SELECT pg_catalog.set_config('synchronous_commit', 'local', false)
     WHERE pg_catalog.current_setting('synchronous_commit') = 'off'`);
