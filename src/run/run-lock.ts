// The run lock: a session advisory lock on each node of a run. It dies with the session, so it cannot
// go stale. Who holds it is told by the application name of the holder.

import { type LockHolder, readLockHolder } from '../catalog/read-progress.ts';
import type { NodeName } from '../model/address.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import { compareText } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';

/** The bytes of `steeprun`: one lock per database. */
const lockKey = 0x7374656570_72756en;

/** At most 63 bytes, or the server cuts it: `steep 3f2a… dba@host 12:04:05Z`. */
export const applicationName = (runId: string, user: string, host: string, since: Date): string =>
  `steep ${runId.slice(0, 8)} ${`${user}@${host}`.slice(0, 36)} ${since.toISOString().slice(11, 19)}Z`;

/** Who is changing this node now; null: nobody. */
export const readRunHolder = (session: Session): Promise<LockHolder | null> =>
  readLockHolder(session, lockKey);

const held = async (session: Session): Promise<SteepError> => {
  const holder = await readRunHolder(session);
  const who =
    holder === null ? 'a run that just ended' : `${holder.application} (pid ${holder.pid})`;
  return new SteepError(
    'RUN_LOCKED',
    `Another run holds the lock of node ${session.node}: ${who}.`,
    {
      exit: ExitCode.locked,
      suggestions: ['Wait for it to end, or use --wait-for-lock 30s.'],
    },
  );
};

const tryLock = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ readonly locked: boolean }>(
    sql`SELECT pg_catalog.pg_try_advisory_lock(${lockKey}) AS locked`,
  );
  return row?.locked === true;
};

export interface LockOptions {
  /** Milliseconds to wait for another run to end; 0: not at all. */
  readonly waitMs: number;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Locks every node, in order of name so that two runs cannot wait for each other.
 * @throws SteepError RUN_LOCKED (exit 5), naming the holder.
 */
export const lockNodes = async (
  sessions: ReadonlyMap<NodeName, Session>,
  options: LockOptions,
): Promise<void> => {
  const deadline = options.clock() + options.waitMs;
  const ordered = [...sessions].sort(([a], [b]) => compareText(a, b));
  for (const [, session] of ordered) {
    while (!(await tryLock(session))) {
      if (options.clock() >= deadline) throw await held(session);
      await options.sleep(Math.min(500, options.waitMs));
    }
  }
};
