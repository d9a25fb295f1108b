// How a comparison waits for the replication of an edge: by the position that its slot has confirmed.

import { flushWalSoon, readEndOfWal, readSlotLag } from '../../catalog/copies/read-progress.ts';
import { readCommitting, readStillCommitting } from '../../catalog/server/read-committing.ts';
import type { Fence } from '../../compare/settle/settle.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { growingPauses } from '../../model/pauses.ts';
import { formatSize } from '../../model/quantity.ts';
import type { Session } from '../../postgres/session.ts';

/** A slot of the database of the session, which a subscription of the other side reads. */
export interface Sender {
  readonly session: Session;
  readonly slot: string;
}

export interface FenceClock {
  readonly clock: () => number;
  /** Rejects when the command is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
}

const firstPollMs = 10;
const longestPollMs = 250;

/** By then, replication that keeps up has confirmed what is flushed. */
const unflushedMs = 300;

/** Asks until there is an answer, or the time is over; the answer to the last question counts. */
const poll = async (
  deadline: number,
  { clock, sleep }: FenceClock,
  ask: () => Promise<string | null>,
): Promise<string | null> => {
  const pause = growingPauses({ sleep, firstMs: firstPollMs, longestMs: longestPollMs });
  for (;;) {
    const why = await ask();
    if (why === null || clock() >= deadline) return why;
    await pause();
  }
};

const passed = async (
  { session, slot }: Sender,
  deadline: number,
  time: FenceClock,
): Promise<string | null> => {
  const target = await readEndOfWal(session);
  const flushAt = time.clock() + unflushedMs;
  let flushed = false;
  return poll(deadline, time, async () => {
    const lag = await readSlotLag(session, slot);
    if (lag === null) return `slot ${slot} does not exist`;
    const behind = lsnDistance(lag.confirmedFlushLsn ?? '0/0', target);
    if (behind <= 0) return null;
    if (!flushed && time.clock() >= flushAt) {
      flushed = true;
      await flushWalSoon(session);
    }
    return lag.active
      ? `slot ${slot} is ${formatSize(behind)} behind`
      : `slot ${slot} is ${formatSize(behind)} behind, and no session reads it`;
  });
};

/** Transactions that were about to commit: they may have been sent before they are visible where they ran. */
const committed = async (
  session: Session,
  deadline: number,
  time: FenceClock,
): Promise<string | null> => {
  const running = await readCommitting(session);
  return poll(deadline, time, async () => {
    const left = running.length === 0 ? 0 : await readStillCommitting(session, running);
    return left === 0 ? null : `${left} transactions of node ${session.node} have not ended`;
  });
};

/** @param back of a two-way pair: what sends the changes of the subscriber to the publisher. */
export const edgeFence = (forth: Sender, back: Sender | null, time: FenceClock): Fence => ({
  replayed: (deadline) => passed(forth, deadline, time),
  visible: async (deadline) =>
    (await committed(forth.session, deadline, time)) ??
    (back === null ? null : await passed(back, deadline, time)),
});

/** Where nothing replicates: a difference is confirmed by rows that stay the same for two readings. */
export const noFence: Fence = {
  replayed: () => Promise.resolve(null),
  visible: () => Promise.resolve(null),
};
