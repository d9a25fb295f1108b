// Reads a node with a session of its own, while that of the node sees whom it waits for.

import { watchLocks } from '../copy/check/watch-locks.ts';
import { openForReading } from '../copy/copy-sessions.ts';
import { readPatiently } from '../copy/read/patient-reading.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { interruptibleSleep } from '../run/interruptible-sleep.ts';
import type { ChosenNode } from './chosen-nodes.ts';
import { patientWithLocks } from './operation/patient-with-locks.ts';

export interface Listener {
  readonly signal: AbortSignal;
  /** For people. */
  readonly say: (text: string) => void;
}

/** @param doing as in `reading the tables`. @throws SteepError as readPatiently does. */
export const readBeside = async <T>(
  { name: node, conninfo, session: looking }: ChosenNode,
  { signal, say }: Listener,
  doing: string,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const patience = patientWithLocks(looking, say);
  const open = () => openSession(conninfo, { node, applicationName: 'steep snapshot' });
  const session = await openForReading(open, patience.timeoutMs);
  const locks = watchLocks(patience);
  try {
    const read = readPatiently(session, { locks, sleep: interruptibleSleep(signal), signal });
    return await read(doing, () => body(session));
  } finally {
    locks.stop();
    await session.close();
  }
};
