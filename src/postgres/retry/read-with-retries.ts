// Reads that wait for locks as the rows do: even catalogs wait for who locks a table exclusively, and some of their
// functions without an error.

import { interruption } from '../../model/plan/interruption.ts';
import type { Session } from '../session.ts';
import { tryAgain } from './try-again.ts';
import type { LockWatch } from './watch-locks.ts';

export interface ReadRetries {
  readonly locks: LockWatch;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** @param doing as in `reading the schema`. */
export type RetriedRead = <T>(doing: string, body: () => Promise<T>) => Promise<T>;

/**
 * @param session one with a lock_timeout, in no transaction.
 * @throws SteepError: who held the lock, when it was waited for without success; INTERRUPTED.
 */
export const readWithRetries =
  (session: Session, { locks, sleep, signal }: ReadRetries): RetriedRead =>
  async (doing, body) => {
    const { node } = session;
    const recover = async (): Promise<boolean> => !session.closed && !signal.aborted;
    const trial = { node, doing, sessions: () => [session], locks, sleep, recover };
    try {
      return await tryAgain(trial, body);
    } catch (error) {
      // After a stop, what it was waiting for is not reported.
      throw signal.aborted ? interruption(signal, error) : error;
    }
  };
