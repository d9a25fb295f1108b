// Whoever works on a node, or watches it, notes in steep_repl.nodes that it was seen.

import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';

/** Milliseconds: node_status() calls a node healthy that was seen within 30 seconds. */
const seenEvery = 10_000;

/**
 * Notes it now, and then every 10 seconds until the function that it returns is called. A role that may not write there, a standby and
 * a node without steep_repl are left as they are; a failure is that of the session, which tells it itself.
 * @param session where steep_repl of the node is; never in a transaction. Each statement here is one of its own.
 */
export const keepSeen = (session: Session, node: string): (() => void) => {
  let asking = false;
  const see = async (): Promise<void> => {
    if (asking || session.closed) return;
    asking = true;
    await noteSeen(session, node).catch(() => undefined);
    asking = false;
  };
  void see();
  const timer = setInterval(() => void see(), seenEvery).unref();
  return () => clearInterval(timer);
};

/** The same beside other work on the session, which opens another one for it. */
export const keepSeenBeside = async (
  session: Session,
  node: string,
): Promise<() => Promise<void>> => {
  const own = await session.another();
  const stop = keepSeen(own, node);
  return async () => {
    stop();
    await own.close();
  };
};

/** Asked first: a statement that is refused would be in the log of the server every time. */
export const mayNoteSeen = async (session: Session): Promise<boolean> => {
  const [found] = await session.query<{ readonly may: boolean }>(sql`
    SELECT NOT pg_catalog.pg_is_in_recovery() AND COALESCE((
             SELECT pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE')
                    AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
                    AND pg_catalog.has_table_privilege(c.oid, 'UPDATE')
               FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE n.nspname = 'steep_repl' AND c.relname = 'nodes'), false) AS may`);
  return found?.may === true;
};

/** A session that locks the row is not waited for. */
const noteSeen = async (session: Session, node: string): Promise<void> => {
  if (!(await mayNoteSeen(session))) return;
  await session.query(sql`
    SELECT pg_catalog.set_config('lock_timeout', '1000ms', true), pg_catalog.set_config('synchronous_commit', 'off', true),
           steep_repl.heartbeat(${node}) AS seen`);
};

/** As long as the body runs. */
export const whileSeen = async <T>(
  session: Session,
  node: string,
  body: () => Promise<T>,
): Promise<T> => {
  const stop = await keepSeenBeside(session, node);
  try {
    return await body();
  } finally {
    await stop();
  }
};
