// Settings that keep a session for as long as its client needs it, and no longer.

import { sqlState } from '../failures.ts';
import { type Sql, sql } from '../sql/sql.ts';

/** Time limits that not every version has, so the startup packet cannot name them. Without values: walsenders take none. */
const keepIdleSessions = sql`
  SELECT pg_catalog.set_config(s.name, '0', false)
    FROM (VALUES ('idle_session_timeout'), ('transaction_timeout')) AS s (name)
   WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL ORDER BY s.name`;

/**
 * Of a steep that was killed, the server notices while a statement waits, and ends it: nothing, and no run
 * lock, is left behind (14+; on platforms that cannot tell, the server refuses any value but 0).
 */
const watchClient = sql`
  SELECT pg_catalog.set_config(s.name, '1s', false) FROM (VALUES ('client_connection_check_interval')) AS s (name)
   WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL ORDER BY s.name`;

/**
 * Of a client whose network is gone, the server notices within 30 seconds, also where it waits for the client. On a
 * socket of the same machine these settings mean nothing.
 */
const watchNetwork = sql`
  SELECT pg_catalog.set_config('tcp_keepalives_idle', '10', false), pg_catalog.set_config('tcp_keepalives_interval', '5', false),
         pg_catalog.set_config('tcp_keepalives_count', '3', false), pg_catalog.set_config('tcp_user_timeout', '25000', false)`;

const invalidParameterValue = '22023';

const ignoreUnsupported = (error: unknown): void => {
  if (sqlState(error) !== invalidParameterValue) throw error;
};

interface Kept {
  readonly readOnly?: boolean;
  readonly replication?: 'database';
  /** It ends soon where its client cannot be reached. */
  readonly leased?: boolean;
}

/**
 * Each in a statement of its own: one may not be known. A session that only reads needs none; but what holds a snapshot lives
 * as long as the copy, and a role or database may limit its transactions.
 */
export const keepAlive = async (
  session: { readonly query: (statement: Sql) => Promise<unknown> },
  { readOnly, replication, leased }: Kept,
): Promise<void> => {
  if (readOnly === true && replication === undefined) return;
  await session.query(keepIdleSessions);
  await session.query(watchClient).catch(ignoreUnsupported);
  if (leased === true) await session.query(watchNetwork);
};
