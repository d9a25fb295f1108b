// The sessions of the engine: opened when they are first needed, made ready for copying, and ended at once when
// the copy stops. What a role may do on the target is found out once.

import { sqlState } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { refuseViews } from '../postgres/sql/named-tables.ts';
import { sql } from '../postgres/sql/sql.ts';

export type Open = () => Promise<Session>;

/** Two sessions of one worker. */
export interface Worker {
  source(): Promise<Session>;
  target(): Promise<Session>;
  /** Sessions that wait for a lock on behalf of this worker. */
  readonly helpers: Set<Session>;
  /** Those that are open, and its helpers. */
  sessions(): readonly Session[];
  /** Ends all of them, whatever runs in them; the next call of source() or target() opens new ones. */
  drop(): Promise<void>;
  /** Closes both, in which nothing runs any more. */
  close(): Promise<void>;
}

export const makeWorker = (openSource: Open, openTarget: Open): Worker => {
  const source = keep(openSource);
  const target = keep(openTarget);
  const helpers = new Set<Session>();
  return {
    source: () => source.get(),
    target: () => target.get(),
    helpers,
    sessions: () => [
      ...[source.opened(), target.opened()].filter((session) => session !== null),
      ...helpers,
    ],
    drop: async () => {
      await Promise.all([source.drop(), target.drop(), ...[...helpers].map(end)]);
    },
    close: async () => {
      await Promise.all([source.close(), target.close()]);
    },
  };
};

interface Kept {
  get(): Promise<Session>;
  opened(): Session | null;
  drop(): Promise<void>;
  close(): Promise<void>;
}

function keep(open: Open): Kept {
  let current: Promise<Session> | null = null;
  let opened: Session | null = null;
  const take = async (): Promise<Session | null> => {
    const session = (await current?.catch(() => null)) ?? null;
    current = null;
    opened = null;
    return session;
  };
  return {
    get: () => {
      current ??= open().then(
        (session) => {
          opened = session;
          return session;
        },
        (error: unknown) => {
          current = null;
          throw error;
        },
      );
      return current;
    },
    opened: () => opened,
    drop: async () => {
      const session = await take();
      if (session) await end(session);
    },
    close: async () => {
      const session = await take();
      await session?.close();
    },
  };
}

/**
 * A server that does not look whether its client is there, or that cannot know, would keep the statement and its locks:
 * a COPY that waits for rows does not even heed a cancel.
 */
export const end = async (session: Session): Promise<void> => {
  if (session.closed) return;
  await Promise.all([session.terminate().catch(() => undefined), session.close()]);
};

/** Rows that a policy hides are an error, not a smaller table. */
export const openForReading = async (open: Open, lockTimeoutMs: number): Promise<Session> =>
  prepared(open, async (session) => {
    await limitLocks(session, lockTimeoutMs);
    await session.query(sql`
      SELECT pg_catalog.set_config('row_security', 'off', false),
             pg_catalog.set_config('tcp_user_timeout', ${readersTimeout}, false),
             pg_catalog.set_config('max_parallel_workers_per_gather', '0', false)`);
    await refuseViews(session, 'session');
  });

/** To a server, a reader that waits until its rows are stored elsewhere looks like one that cannot be reached. */
const readersTimeout = '10min';

export interface WritingOptions {
  /** As apply workers do: no triggers, no checks of foreign keys. */
  readonly replica: boolean;
  /** As the server knows it; null: what the server has. */
  readonly maintenanceWorkMem: string | null;
  readonly lockTimeoutMs: number;
}

/** A chunk that was answered for must outlive a crash of the server; no standby is waited for. */
export const openForWriting = async (open: Open, options: WritingOptions): Promise<Session> =>
  prepared(open, async (session) => {
    if (options.replica) await becomeReplica(session);
    await limitLocks(session, options.lockTimeoutMs);
    await session.query(sql`
      SELECT pg_catalog.set_config('row_security', 'off', false),
             pg_catalog.set_config('synchronous_commit', 'local', false),
             pg_catalog.set_config('maintenance_work_mem',
               coalesce(${options.maintenanceWorkMem}::text, pg_catalog.current_setting('maintenance_work_mem')), false)`);
  });

/** Everybody else queues behind a lock that is waited for: each statement waits for a limited time. */
export const limitLocks = (session: Session, timeoutMs: number): Promise<unknown> =>
  session.query(sql`SELECT pg_catalog.set_config('lock_timeout', ${`${timeoutMs}ms`}, false)`);

async function prepared(
  open: Open,
  prepare: (session: Session) => Promise<void>,
): Promise<Session> {
  const session = await open();
  try {
    await prepare(session);
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

const becomeReplica = (session: Session): Promise<unknown> =>
  session.query(sql`SELECT pg_catalog.set_config('session_replication_role', 'replica', false)`);

const insufficientPrivilege = '42501';

/** Whether the role may set session_replication_role: superusers, and from 15 also roles with the grant. */
export const mayBeReplica = async (session: Session): Promise<boolean> => {
  try {
    await becomeReplica(session);
    return true;
  } catch (error) {
    if (sqlState(error) !== insufficientPrivilege) throw error;
    return false;
  }
};
