// The locks of one run: taken in order of node, watched while the run lives, and what every transaction of the run asks
// before its COMMIT. A run whose lock session ended stops: another run may have the node by then.

import { hasLockTable } from '../catalog/metadata/read-lock-holder.ts';
import { assertClaimed } from '../metadata/run-claim.ts';
import { SteepError } from '../model/errors.ts';
import { compareText } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { type LockOptions, lockNode, lockTable, releaseTable } from './run-lock.ts';

type Waiting = Omit<LockOptions, 'runId'>;

export interface RunLocks {
  /** Aborted when a lock was lost; its reason is SteepError RUN_LOCK_LOST. */
  readonly lost: AbortSignal;
  /**
   * Locks the nodes of these sessions, in order of name so that two runs cannot wait for each other. Each lock ends
   * with its session. Nodes that the run holds already stay as they are.
   * @throws SteepError RUN_LOCKED (exit 5), naming the holder.
   */
  readonly take: (sessions: ReadonlyMap<NodeName, Session>, options: Waiting) => Promise<void>;
  /** Ends all locks that are held, for a run that changes nothing any more. */
  readonly release: () => Promise<void>;
  /** For every session of the run. @throws SteepError RUN_LOCK_LOST, or RUN_REPLACED. */
  readonly beforeCommit: (session: Session) => Promise<void>;
  /** steep_repl has been installed on the node of the session: the run takes the table of the lock too. */
  readonly extend: (session: Session) => Promise<void>;
  /** steep_repl of the node is about to be dropped: the advisory lock alone stays. */
  readonly reduce: (node: NodeName) => Promise<void>;
}

interface Held {
  readonly lock: Session;
  withTable: boolean;
}

const heartbeatMs = 5000;

const lockLost = (node: NodeName, cause: unknown): SteepError =>
  new SteepError(
    'RUN_LOCK_LOST',
    `Node ${node}: the run lock was lost, because the session that held it has ended. The run stops, because another run may now change the node.`,
    {
      suggestions: ['Run the same command again: it continues.'],
      cause,
    },
  );

/**
 * Calls back once, when the session of the lock ends by itself. One that is silent is asked, so that its connection is
 * judged as every other one is: a network that is down for a moment ends no run, since commits are fenced.
 */
const watch = (lock: Session, onLost: (cause: unknown) => void): void => {
  let asking = false;
  const ask = async (): Promise<void> => {
    asking = true;
    try {
      await lock.query(sql`SELECT 1 AS held`);
    } catch (error) {
      if (!lock.closed) onLost(error);
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => {
    if (!asking) void ask();
  }, heartbeatMs);
  timer.unref();
  lock.onClose((failure) => {
    clearInterval(timer);
    if (failure !== null) onLost(failure);
  });
};

/** Nothing to do where the run holds the table already, or the node keeps steep_repl in another database. */
const extendOn = async (own: Held | undefined, session: Session, runId: string): Promise<void> => {
  if (own === undefined || own.withTable || !(await hasLockTable(session))) return;
  if (!(await lockTable(own.lock, session, runId))) throw lockLost(session.node, null);
  own.withTable = true;
};

const reduceOn = async (own: Held | undefined): Promise<void> => {
  if (own?.withTable !== true) return;
  own.withTable = false;
  await releaseTable(own.lock);
};

/** The locks of a run that holds none yet. */
export const holdRunLocks = (runId: string): RunLocks => {
  const held = new Map<NodeName, Held>();
  const lost = new AbortController();
  const lostOn = new Map<NodeName, SteepError>();
  const takeOne = async (session: Session, options: Waiting): Promise<void> => {
    const { node } = session;
    if (held.has(node)) return;
    const { lock, withTable } = await lockNode(session, { ...options, runId });
    held.set(node, { lock, withTable });
    watch(lock, (cause) => {
      const failure = lockLost(node, cause);
      lostOn.set(node, failure);
      lost.abort(failure);
    });
    // Closed in order: what the run does from now on needs no lock.
    lock.onClose((failure) => {
      if (failure === null) held.delete(node);
    });
  };
  return {
    lost: lost.signal,
    take: async (sessions, options) => {
      const ordered = [...sessions].sort(([a], [b]) => compareText(a, b));
      for (const [, session] of ordered) await takeOne(session, options);
    },
    release: async () => {
      await Promise.all([...held.values()].map(({ lock }) => lock.close()));
    },
    beforeCommit: async (session) => {
      // A node whose lock is still held is this run's: why the run stops can be noted there.
      const failure = lostOn.get(session.node);
      if (failure !== undefined) throw failure;
      if (held.get(session.node)?.withTable === true) await assertClaimed(session, runId);
    },
    extend: (session) => extendOn(held.get(session.node), session, runId),
    reduce: (node) => reduceOn(held.get(node)),
  };
};
