// The run lock of a node, held by a session of its own: the advisory lock, and where steep_repl is installed its table
// run_lock in SHARE UPDATE EXCLUSIVE MODE, in a transaction without xid and without snapshot, so that it holds back
// neither the creation of slots nor VACUUM of other tables. It ends with its session, so it is never left over.

import {
  describeHolder,
  hasLockTable,
  type LockHolder,
  mayUseLockTable,
  readLockHolder,
} from '../catalog/metadata/read-lock-holder.ts';
import { claimRun } from '../metadata/run-claim.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { isLockFailure, toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, sql } from '../postgres/sql/sql.ts';

/** The bytes of `steeprun`: one lock per database. */
const lockKey = 0x7374656570_72756en;

/** At most 63 bytes, or the server cuts it: `steep 3f2a… dba@host 12:04:05Z`. */
export const applicationName = (runId: string, user: string, host: string, since: Date): string =>
  `steep ${runId.slice(0, 8)} ${`${user}@${host}`.slice(0, 36)} ${since.toISOString().slice(11, 19)}Z`;

/** Who is changing this node now; null: no run is. */
export const readRunHolder = (
  session: Session,
  own: readonly number[] = [],
): Promise<LockHolder | null> => readLockHolder(session, lockKey, own);

const locked = (node: string, holder: LockHolder | null): SteepError =>
  new SteepError(
    'RUN_LOCKED',
    `Another run holds the lock of node ${node}: ${holder === null ? 'a run that has just ended' : describeHolder(holder)}.`,
    {
      exit: ExitCode.locked,
      suggestions: ['Wait until it ends, or use --wait-for-lock 30s.'],
    },
  );

export interface LockOptions {
  readonly runId: string;
  /** Milliseconds to wait for another run to end; 0: not at all. */
  readonly waitMs: number;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /**
   * Where the role may not write to the table of the lock, or the server is a standby, the advisory lock alone is taken.
   * Such a run waits for others; others wait for it only if its role may write to the table.
   */
  readonly evenWithoutTable?: boolean;
}

/** Longer than deadlock_timeout, after which an autovacuum of the table gives way. */
const tableWaitMs = 3000;

const tryAdvisory = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ readonly locked: boolean }>(
    sql`SELECT pg_catalog.pg_try_advisory_lock(${lockKey}) AS locked`,
  );
  return row?.locked === true;
};

const limitWait = (session: Session, ms: number): Promise<unknown> =>
  session.query(sql`SELECT pg_catalog.set_config('lock_timeout', ${`${ms}ms`}, true)`);

/** READ COMMITTED whatever the role's default is: else the first query would keep its snapshot until the end. */
const tryTable = async (session: Session): Promise<boolean> => {
  await session.query(ddl`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`);
  try {
    await limitWait(session, tableWaitMs);
    await session.query(ddl`LOCK TABLE steep_repl.run_lock IN SHARE UPDATE EXCLUSIVE MODE`);
    return true;
  } catch (error) {
    await releaseTable(session);
    if (!isLockFailure(error)) throw error;
    return false;
  }
};

/** The advisory lock stays. */
export const releaseTable = async (session: Session): Promise<void> => {
  await session.query(ddl`ROLLBACK`);
};

/**
 * Takes the table and claims the node for the run. The lock session is asked last: only a run that holds the lock after
 * it has claimed the node begins.
 * @returns false: another session has the table, or is about to commit as the run that had it.
 */
export const lockTable = async (
  lock: Session,
  session: Session,
  runId: string,
): Promise<boolean> => {
  if (!(await tryTable(lock))) return false;
  try {
    await claimRun(session, runId, tableWaitMs);
  } catch (error) {
    await releaseTable(lock);
    if (!isLockFailure(error)) throw error;
    return false;
  }
  await lock.query(sql`SELECT 1 AS held`);
  return true;
};

interface Attempt {
  readonly locked: boolean;
  readonly withTable: boolean;
}

/** An advisory lock that only an untrusted role holds does not keep a run from the table. */
const tryLock = async (
  lock: Session,
  session: Session,
  { runId, evenWithoutTable = false }: LockOptions,
): Promise<Attempt> => {
  const isThere = await hasLockTable(session);
  const withTable = isThere && (!evenWithoutTable || (await mayUseLockTable(session)));
  const advisory = await tryAdvisory(lock);
  if (!isThere) return { locked: advisory, withTable };
  if (!(advisory && withTable) && (await readRunHolder(session, [lock.pid])) !== null) {
    return { locked: false, withTable };
  }
  if (!withTable) return { locked: true, withTable };
  return { locked: await lockTable(lock, session, runId), withTable };
};

/**
 * Locks a node on a session of its own, which ends with `session`.
 * @returns that session, and whether it holds the table of the lock.
 * @throws SteepError RUN_LOCKED (exit 5), naming the holder.
 */
export const lockNode = async (
  session: Session,
  options: LockOptions,
): Promise<{ readonly lock: Session; readonly withTable: boolean }> => {
  const { waitMs, clock, sleep } = options;
  const deadline = clock() + waitMs;
  const lock = await session.another();
  try {
    for (;;) {
      const attempt = await tryLock(lock, session, options);
      if (attempt.locked) return { lock, withTable: attempt.withTable };
      if (clock() >= deadline) {
        throw locked(session.node, await readRunHolder(session, [lock.pid]));
      }
      await sleep(Math.min(500, waitMs));
    }
  } catch (error) {
    await lock.close();
    throw toFailure(error, { node: session.node, doing: 'taking the run lock' });
  }
};
