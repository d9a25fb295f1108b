// Readers that hold every table of the copy in ACCESS SHARE mode, from before the first range is chosen until the last row
// is read, so that no table gets another file meanwhile. Each session locks all tables at the start: one that asked for
// a table later would wait behind an ALTER TABLE that waits for the other sessions of the copy.

import type { QualifiedName } from '../../model/identifier.ts';
import { wantedBy } from '../../model/plan/blocker.ts';
import type { NodeName } from '../../model/state/address.ts';
import { isLockFailure, toFailure } from '../../postgres/failures.ts';
import { tryAgain } from '../../postgres/retry/try-again.ts';
import type { LockWatch } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl } from '../../postgres/sql/sql.ts';
import { end, openForReading } from '../copy-sessions.ts';
import { assertFreeLocks, readExclusive } from './lock-facts.ts';
import { lockStatement } from './lock-statement.ts';
import { beginAt, viewInOne } from './snapshot-view.ts';
import type { ReaderWork, SourceReaders } from './source-readers.ts';

export interface HoldWork extends Omit<ReaderWork, 'lockTimeoutMs'> {
  readonly source: NodeName;
  /** In the order in which they are locked. */
  readonly tables: readonly QualifiedName[];
  /** Sessions that will read. */
  readonly sessions: number;
  readonly locks: LockWatch;
  readonly sleep: (ms: number) => Promise<void>;
  /** Aborted: everything ends now. */
  readonly stop: AbortSignal;
}

const doing = 'locking the tables of the copy in ACCESS SHARE mode';

/**
 * Returns when all sessions hold all tables, or throws and holds none. The first session waits for its locks; the others
 * get theirs at once, or all sessions start again.
 * @throws SteepError LOCK_TIMEOUT, SNAPSHOT_LOST, CONFIGURATION_LIMIT
 */
export const holdTables = async (work: HoldWork): Promise<SourceReaders> => {
  const { source: node, locks, sleep, stop } = work;
  const holding = new Set<Session>();
  const endAll = (): void => {
    for (const session of holding) end(session).catch(() => undefined);
  };
  stop.addEventListener('abort', endAll);
  const forget = (): void => stop.removeEventListener('abort', endAll);
  const trial = {
    node,
    doing,
    sessions: () => [...holding],
    locks,
    sleep,
    recover: async () => !stop.aborted,
  };
  try {
    await tryAgain(trial, () => openAll(work, holding));
  } catch (error) {
    forget();
    // What fails after the stop, fails because of it.
    throw stop.aborted ? stop.reason : error;
  }
  return readersOf(work, holding, forget);
};

function readersOf(work: HoldWork, holding: Set<Session>, forget: () => void): SourceReaders {
  const ready = [...holding];
  let released = false;
  return {
    open: async () => {
      if (released) return openPlain(work);
      const session = ready.find(({ closed }) => !closed);
      if (session === undefined) return openHolding(work, holding);
      ready.splice(ready.indexOf(session), 1);
      return session;
    },
    view: (session) => viewInOne(session, () => openPlain(work)),
    release: async () => {
      released = true;
      await Promise.all([...holding].map(leave));
      await closeAll(ready);
    },
    close: async () => {
      forget();
      await closeAll(holding);
    },
  };
}

const openPlain = ({ open, locks }: HoldWork): Promise<Session> =>
  openForReading(open, locks.policy.timeoutMs);

async function openAll(work: HoldWork, holding: Set<Session>): Promise<void> {
  try {
    const opening = Array.from({ length: work.sessions }, async () => {
      holding.add(await openPlain(work));
    });
    const failed = (await Promise.allSettled(opening)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    // A stop ends the sessions that it knows; one that was opened meanwhile would wait on.
    work.stop.throwIfAborted();
    const [first] = holding;
    if (first !== undefined) await assertFreeLocks(first, work.tables, work.sessions);
    for (const session of holding) await takeTables(session, work, session !== first);
  } catch (error) {
    await closeAll(holding);
    holding.clear();
    throw error;
  }
}

/**
 * In place of a session that was lost: no lock is waited for, since a session that waits for one may wait for this
 * copy.
 */
async function openHolding(work: HoldWork, holding: Set<Session>): Promise<Session> {
  const session = await openPlain(work);
  try {
    await takeTables(session, work, true);
  } catch (error) {
    await session.close();
    throw error;
  }
  holding.add(session);
  return session;
}

/** The transaction stays open. @throws SteepError naming the session that has a table exclusively, or waits to. */
async function takeTables(
  session: Session,
  { tables, snapshot, locks }: HoldWork,
  nowait: boolean,
): Promise<void> {
  await beginAt(session, snapshot, true);
  if (tables.length === 0) return;
  try {
    await session.query(lockStatement(tables, { nowait }));
  } catch (error) {
    if (!nowait || !isLockFailure(error)) throw error;
    await session.query(ddl`ROLLBACK`);
    const blockers = await readExclusive(session, tables);
    if (blockers.length > 0) locks.policy.onWaiting(doing, blockers);
    throw wantedBy(toFailure(error, { node: session.node, doing }), blockers);
  }
}

/** A session that was lost holds nothing. */
const leave = async (session: Session): Promise<void> => {
  if (!session.closed) await session.query(ddl`COMMIT`).catch(() => session.close());
};

const closeAll = async (sessions: Iterable<Session>): Promise<void> => {
  await Promise.all([...sessions].map((session) => session.close()));
};
