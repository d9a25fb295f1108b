// The snapshots of both nodes, where slots for them are to be had.

import type { MergeSide } from '../../model/state/merge.ts';
import type { Session } from '../../postgres/session.ts';
import type { MergeSessions, MergeWork } from '../merge-work.ts';
import { otherSide } from '../merged-table.ts';
import { type ChangeTail, openTail } from './change-tail.ts';

export type Tails = Readonly<Record<MergeSide, ChangeTail>>;

/** Null: a slot was not to be had, which is said. */
export const openTails = async (
  { openWalsender }: MergeSessions,
  work: MergeWork,
): Promise<Tails | null> => {
  const opened: Session[] = [];
  const open = async (side: MergeSide): Promise<ChangeTail> => {
    const session = await openWalsender(side);
    opened.push(session);
    return withTimeLimit(work, session, () =>
      openTail(session, work.ends[otherSide(side)].publication),
    );
  };
  try {
    return { a: await open('a'), b: await open('b') };
  } catch (error) {
    await Promise.allSettled(opened.map((session) => session.close()));
    if (work.signal.aborted) throw error;
    work.progress(
      `a temporary slot was not to be had (${error instanceof Error ? error.message : String(error)}): all rows are compared under the locks`,
    );
    return null;
  }
};

/** A walsender minds no statement_timeout while it creates a slot, which waits for all transactions that write. */
const withTimeLimit = async <T>(
  { slotTimeoutMs, progress }: MergeWork,
  session: Session,
  body: () => Promise<T>,
): Promise<T> => {
  if (slotTimeoutMs === 0) return body();
  progress(`node ${session.node}: waiting for the transactions that write now`);
  const timer = setTimeout(() => void session.cancel().catch(() => undefined), slotTimeoutMs);
  try {
    return await body();
  } finally {
    clearTimeout(timer);
  }
};
