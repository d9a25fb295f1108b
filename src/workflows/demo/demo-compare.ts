// Whether all nodes of the demo hold the same, once writes have stopped and all WAL was read.

import { setTimeout as delay } from 'node:timers/promises';
import { readSlotLag, readSubscriptionProgress } from '../../catalog/copies/read-progress.ts';
import { hashTables, type TableHash } from '../../compare/table-hash.ts';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { formatName } from '../../model/identifier.ts';
import { lsnDistance } from '../../model/lsn.ts';
import type { DemoComparison, DemoTable } from '../../model/report/demo.ts';
import { openSession, type Session } from '../../postgres/session.ts';
import { shopTables } from '../../sandbox/shop.ts';
import { subscriptionOn } from './demo-file.ts';

export interface ReachableNode {
  readonly name: string;
  readonly conninfo: Conninfo;
}

interface Reading {
  readonly node: string;
  readonly hashes: Readonly<Record<string, TableHash>>;
  /** Tables whose initial copy is done; null: a publisher. */
  readonly ready: ReadonlySet<string> | null;
}

const waitAtMostMs = 30_000;
const pollMs = 100;

/** Waits for the subscribers, at most half a minute, then reads every row of every table. */
export const compareNodes = async (
  publisher: ReachableNode,
  subscribers: readonly ReachableNode[],
): Promise<DemoComparison> => {
  const caughtUp = await withSession(publisher, (session) =>
    waitForSlots(
      session,
      subscribers.map(({ name }) => subscriptionOn(name)),
    ),
  );
  const readings = await Promise.all([
    withSession(publisher, async (session) => readingOf(session, null)),
    ...subscribers.map((node) =>
      withSession(node, (session) => readingOf(session, subscriptionOn(node.name))),
    ),
  ]);
  return { caughtUp, tables: shopTables.map((table) => tableOf(formatName(table), readings)) };
};

/** Until each slot has confirmed what was written up to now; false: not in time. */
const waitForSlots = async (session: Session, slots: readonly string[]): Promise<boolean> => {
  const targets = new Map<string, string>();
  for (let waited = 0; waited < waitAtMostMs; waited += pollMs) {
    const lags = await Promise.all(slots.map((slot) => readSlotLag(session, slot)));
    const done = slots.every((slot, index) => {
      const lag = lags[index];
      if (lag === null || lag === undefined) return false;
      const target = targets.get(slot) ?? lag.currentLsn;
      targets.set(slot, target);
      return lsnDistance(lag.confirmedFlushLsn ?? '0/0', target) <= 0;
    });
    if (done) return true;
    await delay(pollMs);
  }
  return false;
};

const readingOf = async (session: Session, subscription: string | null): Promise<Reading> => {
  const hashes = await hashTables(session, shopTables);
  if (subscription === null) return { node: session.node, hashes, ready: null };
  const progress = await readSubscriptionProgress(session, subscription);
  const ready = progress.filter(({ syncState }) => syncState === 'r').map(({ table }) => table);
  return { node: session.node, hashes, ready: new Set(ready) };
};

const tableOf = (table: string, readings: readonly Reading[]): DemoTable => {
  const found = readings.map(({ hashes }) => hashes[table]);
  const [first] = found;
  return {
    table,
    rows: readings.map(({ node, hashes }) => ({ node, rows: hashes[table]?.rows ?? 0 })),
    ready: readings.every(({ ready }) => ready === null || ready.has(table)),
    equal:
      first !== undefined &&
      found.every((other) => other?.rows === first.rows && other.hash === first.hash),
  };
};

const withSession = async <T>(
  { name, conninfo }: ReachableNode,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const options = { node: name, applicationName: 'steep demo', readOnly: true };
  const session = await openSession(conninfo, options);
  try {
    return await body(session);
  } finally {
    await session.close();
  }
};
