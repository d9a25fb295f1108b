// The run's side of a joined copy, without a server.

import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type LeadWork, leadJoined } from '../../../../src/copy/join/lead-joined.ts';
import type { Session } from '../../../../src/postgres/session.ts';

test('who notifies without end does not have the run look without end', async () => {
  let notify = (): void => undefined;
  let looks = 0;
  const session = {
    node: 'target',
    closed: false,
    listen: async (_channel: string, callback: () => void) => {
      notify = callback;
    },
    query: async () => {
      looks += 1;
      await nextTurn();
      notify();
      return [];
    },
    transaction: async (_options: object, body: () => Promise<unknown>) => body(),
  } as unknown as Session;
  const work = {
    node: 'target',
    offer: { subscription: 's', runId: 'r' },
    session,
    lease: async () => 1,
    locks: {
      policy: { retries: 0, timeoutMs: 0 },
      begin: () => ({ end: () => undefined, last: () => ({}) }),
    },
    stop: new AbortController().signal,
  } as unknown as LeadWork;
  const began = performance.now();
  const end = await leadJoined(work, () => undefined);
  const before = looks;
  await delay(300);
  const most = (performance.now() - began) / 20 + 1;
  expect(looks - before).toBeGreaterThan(0);
  expect(looks - before).toBeLessThanOrEqual(most);
  await end();
});
