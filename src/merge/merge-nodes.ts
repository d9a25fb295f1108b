// Two nodes that both hold rows get the same rows, while both are locked against writers: what differs is decided, the
// decisions are stored on both, rows are written and proven, and both commit. What is written later is replicated.

import { tagWrites } from '../compare/repair/origin.ts';
import {
  noteMergeCompleted,
  readWrittenMerge,
  type WrittenMerge,
} from '../metadata/merge-state.ts';
import type { MergeSide } from '../model/state/merge.ts';
import { flushCommits } from '../postgres/flushed-commits.ts';
import type { Session } from '../postgres/session.ts';
import { beginBoth } from './begin-both.ts';
import { type MergeSessions, type MergeWork, stateOf } from './merge-work.ts';
import type { BothNodes } from './merged-table.ts';
import { type Staging, stageMerge } from './stage/staging.ts';
import { startAfterMerge } from './start-after-merge.ts';
import { writeBoth } from './write-both.ts';

/** Safe to run again after any interruption: it finds out how far it got. */
export const mergeNodes = async (work: MergeWork): Promise<void> => {
  await withSessions(work, async (sessions) => {
    const { writing } = sessions;
    await beginBoth(writing, work.ends);
    const untag = {
      a: await tagWrites(writing.a, work.sleep),
      b: await tagWrites(writing.b, work.sleep),
    };
    try {
      let staging: Staging | null | undefined;
      await work.retried([writing.a, writing.b], async () => {
        const states = await readStates(work, writing);
        if (states.a !== null && states.a.runId === states.b?.runId) return;
        // Locks that are not to be had do not make it old: what is changed meanwhile is looked at again.
        if (states.a === null) staging ??= await stageMerge(sessions, work);
        await writeBoth(states.a, staging ?? null, sessions, work);
      });
    } finally {
      for (const side of ['a', 'b'] as const) await untag[side]().catch(() => undefined);
    }
    await finish(work, writing);
  });
};

interface States {
  readonly a: WrittenMerge | null;
  readonly b: WrittenMerge | null;
}

const readStates = async ({ ends }: MergeWork, { a, b }: BothNodes): Promise<States> => ({
  a: await readWrittenMerge(a, stateOf(ends, 'a')),
  b: await readWrittenMerge(b, stateOf(ends, 'b')),
});

/** Both nodes have committed: each begins to receive where the other one was locked. */
const finish = async (work: MergeWork, writing: BothNodes): Promise<void> => {
  const { a, b } = await readStates(work, writing);
  if (a === null || b === null || a.runId !== b.runId) {
    throw new Error('the rows of a merge are not on record on both nodes');
  }
  await startAfterMerge(writing.a, work.ends.a.subscription, a.peerLsn);
  await startAfterMerge(writing.b, work.ends.b.subscription, a.lockedLsn);
  for (const session of [writing.a, writing.b]) {
    await session.transaction({}, () => noteMergeCompleted(session, a.runId));
  }
};

const withSessions = async (
  { ends, open, openWalsender: openReplication, signal }: MergeWork,
  body: (sessions: MergeSessions) => Promise<void>,
): Promise<void> => {
  const all: Session[] = [];
  const opened = async (side: MergeSide): Promise<Session> => {
    const session = await open(ends[side].node);
    all.push(session);
    await flushCommits(session);
    return session;
  };
  const both = async (): Promise<BothNodes> => ({ a: await opened('a'), b: await opened('b') });
  const cancel = (): void => {
    for (const session of all) session.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel);
  try {
    const writing = await both();
    const finding = await both();
    const rows = await both();
    const deciding = await both();
    const readers = { a: [finding.a], b: [finding.b] } as const;
    const openWalsender = async (side: MergeSide): Promise<Session> => {
      const session = await openReplication(ends[side].node);
      all.push(session);
      return session;
    };
    await body({ writing, readers, rows, deciding, openWalsender, all });
  } finally {
    signal.removeEventListener('abort', cancel);
    await Promise.allSettled(all.map((session) => session.close()));
  }
};
