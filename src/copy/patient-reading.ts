// Reads that wait for locks as the rows do: even catalogs wait for who locks a table exclusively, and some of their
// functions without a word.

import type { Session } from '../postgres/session.ts';
import { tryAgain } from './try-again.ts';
import type { LockWatch } from './watch-locks.ts';

export interface PatientReading {
  readonly locks: LockWatch;
  readonly sleep: (ms: number) => Promise<void>;
  readonly stop: AbortSignal;
}

/** @param doing as in `reading the schema`. */
export type Read = <T>(doing: string, body: () => Promise<T>) => Promise<T>;

/** @param session one with a lock_timeout, in no transaction. */
export const readPatiently =
  (session: Session, { locks, sleep, stop }: PatientReading): Read =>
  (doing, body) => {
    const { node } = session;
    const recover = async (): Promise<boolean> => !session.closed && !stop.aborted;
    return tryAgain({ node, doing, sessions: () => [session], locks, sleep, recover }, body);
  };
