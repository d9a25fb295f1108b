// Asks a server by a connection of its own what the sessions of this process do there: a session that waits for hours
// may be well, and nothing that passes through its own connection tells. Nothing here takes longer than its limit.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import { type Connection, type ConnectOptions, connect } from '../connect/connect.ts';
import { sqlState } from '../failures.ts';

/** What a look says of one session. */
export interface Sign {
  /** The server works on its statement, or it is unknown that it does not. */
  readonly alive: boolean;
  /** The server answers, so its end of a dead connection can be ended. */
  readonly reachable: boolean;
  /** In words; empty when it is alive. */
  readonly found: string;
  /** Who holds the lock for which it waits, or wants it first, in words after `is`; null: it waits for none. */
  readonly lockedBy: string | null;
}

export interface Looker {
  look(pid: number, withinMs: number): Promise<Sign>;
  /** Ends the server's side of a session of this process: its locks would be blocking another attempt. */
  terminate(pid: number): Promise<void>;
}

type LookOptions = Pick<ConnectOptions, 'node' | 'applicationName'>;

const alive: Sign = { alive: true, reachable: true, found: '', lockedBy: null };

const silent: Sign = {
  alive: false,
  reachable: false,
  found: 'the server does not answer a new connection either',
  lockedBy: null,
};

const dead = (found: string): Sign => ({ alive: false, reachable: true, found, lockedBy: null });

interface Backend {
  readonly pid: number;
  readonly state: string | null;
  readonly waitEvent: string | null;
  readonly lockedBy: string | null;
}

type Answer = (pid: number) => Sign;

/** Looks that are under way: sessions to the same server share one. */
const underWay = new Map<string, Promise<Answer>>();

export const lookerAt = (conninfo: Conninfo, options: LookOptions): Looker => {
  const key = `${options.applicationName} ${conninfo.text}`;
  return {
    look: async (pid, withinMs) => {
      const answer = underWay.get(key) ?? ask(conninfo, options, withinMs);
      underWay.set(key, answer);
      try {
        return (await answer)(pid);
      } finally {
        if (underWay.get(key) === answer) underWay.delete(key);
      }
    },
    terminate: (pid) =>
      briefly(conninfo, options, 3000, async (connection) => {
        await connection.send(terminateStatement, [pid, options.applicationName]);
      }),
  };
};

/** The pid may belong to another session by now: one of the same run at most, which then opens another. */
const terminateStatement = `
  SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a
   WHERE a.pid = $1::int4 AND a.application_name = $2 AND a.datname = pg_catalog.current_database()
     AND a.usename = session_user`;

/** The session `pid` of pg_stat_activity as `of`, where it is there. */
const sessionText = (pid: string, of: string): string => `
  CASE ${pid} WHEN 0 THEN 'a prepared transaction' ELSE
    'pid ' || ${pid} || COALESCE(' of role ' || ${of}.usename, '')
    || COALESCE(' (' || NULLIF(${of}.application_name, '') || ')', '') END`;

/** A lock that a session waits for stops those that come later as well, also where it would not conflict with what is held. */
const lookStatement = `
  SELECT a.pid, a.state, a.wait_event AS "waitEvent", pg_catalog.pg_backend_pid() AS own,
         CASE WHEN a.wait_event_type = 'Lock' AND a.application_name = $1 THEN (
           SELECT pg_catalog.string_agg(DISTINCT CASE WHEN f.text IS NULL THEN 'held by ' ELSE 'wanted first by ' END
                    || ${sessionText('b.pid', 'h')} || COALESCE(', which waits for ' || f.text, ''), ', ')
             FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(a.pid)) AS b (pid)
             LEFT JOIN pg_catalog.pg_stat_activity AS h ON h.pid = b.pid
            CROSS JOIN LATERAL (
              SELECT pg_catalog.string_agg(DISTINCT ${sessionText('c.pid', 'i')}, ', ') AS text
                FROM pg_catalog.unnest(CASE WHEN h.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(b.pid) END) AS c (pid)
                LEFT JOIN pg_catalog.pg_stat_activity AS i ON i.pid = c.pid) AS f) END AS "lockedBy"
    FROM pg_catalog.pg_stat_activity AS a
   WHERE a.usename = session_user OR a.pid = pg_catalog.pg_backend_pid()`;

const ask = async (conninfo: Conninfo, options: LookOptions, withinMs: number): Promise<Answer> => {
  try {
    return await briefly(conninfo, options, withinMs, async (connection) => {
      const rows = await connection.send<Backend & { readonly own: number }>(lookStatement, [
        options.applicationName,
      ]);
      // Behind a pooler the pids that sessions were told are not those of the server.
      if (rows[0]?.own !== connection.pid) return () => alive;
      const backends = new Map(rows.map((row) => [row.pid, row]));
      return (pid) => signOf(backends.get(pid));
    });
  } catch (error) {
    const sign = refuses(error) ? alive : silent;
    return () => sign;
  }
};

/** Of a session that waits for an answer, where the server does not wait for rows that are still to come. */
const signOf = (backend: Backend | undefined): Sign => {
  if (backend === undefined) return dead('the server has ended the session');
  const { state, waitEvent, lockedBy } = backend;
  if (waitEvent === 'ClientWrite') return dead('what the server sends does not arrive');
  if (waitEvent !== 'ClientRead') return { ...alive, lockedBy };
  return state === 'active'
    ? dead('what was sent to the server does not arrive')
    : dead('the server has nothing to do for the session');
};

/** It starts, or shuts down. */
const notNow: readonly (string | null)[] = ['57P01', '57P02', '57P03'];

/** It answers, and refuses to show its sessions: that says nothing about the session. */
const refuses = (error: unknown): boolean => {
  const state = sqlState(error) ?? sqlState(error instanceof Error ? error.cause : null);
  return state !== null && !notNow.includes(state);
};

/** On a connection that ends after so many milliseconds, whatever happens. */
async function briefly<T>(
  conninfo: Conninfo,
  options: LookOptions,
  withinMs: number,
  body: (connection: Connection) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const connection = await connect(conninfo, {
    ...options,
    readOnly: true,
    connectTimeoutMs: withinMs,
  });
  connection.onEnd(() => undefined);
  const left = Math.max(1, withinMs - (performance.now() - began));
  const timer = setTimeout(() => connection.destroy(new Error('timeout expired')), left);
  try {
    return await body(connection);
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}
