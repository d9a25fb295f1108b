// Reads a node with a session of its own, while that of the node sees whom it waits for.

import { openForReading } from '../copy/copy-sessions.ts';
import { readWithRetries } from '../postgres/retry/read-with-retries.ts';
import { watchLocks } from '../postgres/retry/watch-locks.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { interruptibleSleep } from '../run/interruptible-sleep.ts';
import type { ChosenNode } from './chosen-nodes.ts';
import { sessionLockWaits } from './operation/session-lock-waits.ts';

export interface Listener {
  readonly signal: AbortSignal;
  /** For people. */
  readonly say: (text: string) => void;
}

/** @param doing as in `reading the tables`. @throws SteepError as readWithRetries does. */
export const readBeside = async <T>(
  { name: node, conninfo, session: looking }: ChosenNode,
  { signal, say }: Listener,
  doing: string,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const policy = sessionLockWaits(looking, say);
  const open = () => openSession(conninfo, { node, applicationName: 'steep snapshot' });
  const session = await openForReading(open, policy.timeoutMs);
  const locks = watchLocks(policy);
  try {
    const read = readWithRetries(session, { locks, sleep: interruptibleSleep(signal), signal });
    return await read(doing, () => body(session));
  } finally {
    locks.stop();
    await session.close();
  }
};
