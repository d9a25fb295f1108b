// Marks what a session writes as replicated, so that subscriptions with origin = none do not send it on.

import { sqlState } from '../../postgres/failures.ts';
import { backoff } from '../../postgres/retry/passing-failures.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

/** One for each database of a cluster: an origin can be in use in one session only. */
const originName = async (session: Session): Promise<string> => {
  const [row] = await session.query<{ readonly oid: string }>(sql`
    SELECT d.oid::text AS oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()`);
  return `steep_repair_${row?.oid ?? ''}`;
};

/** The session of a run that was killed may end its last statement. */
const inUse = '55006';
const attempts = 20;

/**
 * All that the session writes from now on. Returns what ends it, and leaves no origin behind.
 * @throws pg's error where the role may not, or every place for origins is in use.
 */
export const tagWrites = async (
  session: Session,
  sleep: (ms: number) => Promise<void>,
): Promise<() => Promise<void>> => {
  const name = await originName(session);
  await session.query(sql`
    SELECT pg_catalog.pg_replication_origin_create(${name})
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_origin AS o WHERE o.roname = ${name})`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.query(sql`SELECT pg_catalog.pg_replication_origin_session_setup(${name})`);
      break;
    } catch (error) {
      if (sqlState(error) !== inUse || attempt === attempts) throw error;
      await sleep(backoff(attempt));
    }
  }
  return async () => {
    if (session.closed) return;
    await session.query(sql`SELECT pg_catalog.pg_replication_origin_session_reset()`);
    await session.query(sql`SELECT pg_catalog.pg_replication_origin_drop(${name})`);
  };
};
