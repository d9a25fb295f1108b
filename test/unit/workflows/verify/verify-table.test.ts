// How long steep verify waits for the lock of a table: as long as its session does, once; a lock that is refused at once is
// asked for a few times more. A table whose owner keeps it locked holds up the others no longer than that.

import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import type { Session } from '../../../../src/postgres/session.ts';
import { verifyTable } from '../../../../src/workflows/verify/verify-table.ts';

const lockFailure = (): DatabaseError =>
  Object.assign(new DatabaseError('canceling statement due to lock timeout', 0, 'error'), {
    code: '55P03',
    severity: 'ERROR',
  });

/** @param waitMs how long the server waits before it gives the lock up. */
const verifyLocked = async (waitMs: number) => {
  let now = 0;
  let asked = 0;
  const session = {
    node: 'publisher',
    transaction: async () => {
      asked += 1;
      now += waitMs;
      throw lockFailure();
    },
  } as unknown as Session;
  const table = {
    table: { schema: 'app', name: 'items' },
    columns: ['id'],
    where: null,
    syncState: 'r',
    shared: false,
    notes: [],
  };
  const found = await verifyTable(table, {
    publisher: [session],
    subscriber: [session],
    live: { publisher: session, subscriber: session },
    fence: { replayed: async () => null, visible: async () => null },
    guard: async () => undefined,
    fast: false,
    settleMs: 60_000,
    onRead: async () => undefined,
    onRow: () => undefined,
    clock: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    signal: new AbortController().signal,
  });
  return { found, asked, now };
};

test('a lock that the server has waited for is not waited for again', async () => {
  const { found, asked, now } = await verifyLocked(30_000);
  expect(found).toMatchObject({ outcome: 'unread', error: { code: 'LOCK_TIMEOUT' } });
  expect({ asked, now }).toEqual({ asked: 1, now: 30_000 });
});

test('a lock that is refused at once is asked for a few times more', async () => {
  const { found, asked, now } = await verifyLocked(0);
  expect(found.outcome).toBe('unread');
  expect(asked).toBe(6);
  expect(now).toBeLessThan(60_000);
});
