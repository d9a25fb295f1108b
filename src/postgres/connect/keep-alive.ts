// Settings that keep a session for as long as its client needs it, and no longer.

import { sqlState } from '../failures.ts';
import { type Sql, sql } from '../sql/sql.ts';

/** Time limits that not every version has, so the startup packet cannot name them. */
const keepIdleSessions = sql`
  SELECT pg_catalog.set_config(s.name, '0', false) FROM pg_catalog.pg_settings AS s
   WHERE s.name IN ('idle_session_timeout', 'transaction_timeout') ORDER BY s.name`;

/**
 * Of a steep that was killed, the server notices while a statement waits, and ends it: nothing, and no run
 * lock, is left behind (14+; on platforms that cannot tell, the server refuses any value but 0).
 */
const watchClient = sql`
  SELECT pg_catalog.set_config(s.name, '1s', false) FROM pg_catalog.pg_settings AS s
   WHERE s.name = 'client_connection_check_interval' ORDER BY s.name`;

const invalidParameterValue = '22023';

const ignoreUnsupported = (error: unknown): void => {
  if (sqlState(error) !== invalidParameterValue) throw error;
};

/** Each in a statement of its own: one may not be known. */
export const keepAlive = async (session: {
  readonly query: (statement: Sql) => Promise<unknown>;
}): Promise<void> => {
  await session.query(keepIdleSessions);
  await session.query(watchClient).catch(ignoreUnsupported);
};
