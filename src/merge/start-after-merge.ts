// A disabled subscription is told that its node has everything of the other one up to the position of the locks.

import { SteepError } from '../model/errors.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** The same when it is done twice. @throws SteepError MERGE_POSITION */
export const startAfterMerge = async (
  session: Session,
  subscription: string,
  lsn: string,
): Promise<void> => {
  await session.transaction({}, () =>
    session.query(sql`
    SELECT pg_catalog.pg_replication_origin_advance('pg_' || s.oid, ${lsn}::pg_lsn)
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
     WHERE s.subname = ${subscription} AND NOT s.subenabled`),
  );
  const [row] = await session.query<{ readonly isThere: boolean }>(sql`
    SELECT pg_catalog.pg_replication_origin_progress('pg_' || s.oid, true) >= ${lsn}::pg_lsn AS "isThere"
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
     WHERE s.subname = ${subscription}`);
  if (row?.isThere === true) return;
  throw new SteepError(
    'MERGE_POSITION',
    `Node ${session.node}: subscription ${subscription} does not begin at ${lsn}, where the rows were merged.`,
    { suggestions: ['Leave the subscription disabled, and run the same command again.'] },
  );
};
