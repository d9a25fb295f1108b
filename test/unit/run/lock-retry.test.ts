// Locks that were not to be had: how often a step tries, how long it pauses, what it says.

import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import type { Session } from '../../../src/postgres/session.ts';
import { withLockRetries } from '../../../src/run/lock-retry.ts';
import { step } from '../../support/plans/plans.ts';
import { type FakeRun, fakeRun } from '../../support/run-context.ts';

const given = step('a/publication.p', []);

const failure = (code: string): DatabaseError =>
  Object.assign(new DatabaseError('no', 0, 'error'), { code, severity: 'ERROR' });

/** A run whose sessions are open, and whose lock holders are unknown. */
const lockedRun = (limits: Parameters<typeof fakeRun>[0] = {}): FakeRun => {
  const run = fakeRun(limits);
  const session = () => ({ node: 'a', pid: 1, closed: false }) as unknown as Session;
  return { ...run, context: { ...run.context, session } };
};

/** Fails so many times, then does it. */
const failing = (times: number, error: Error) => {
  let calls = 0;
  const body = (): Promise<void> => {
    calls += 1;
    return calls <= times ? Promise.reject(error) : Promise.resolve();
  };
  return { body, calls: () => calls };
};

test('what gets its locks runs once, and says nothing', async () => {
  const run = lockedRun();
  const { body, calls } = failing(0, failure('55P03'));
  await withLockRetries(given, run.context, body);
  expect({ calls: calls(), events: run.events, sleeps: run.sleeps }).toEqual({
    calls: 1,
    events: [],
    sleeps: [],
  });
});

// Of two steps in a deadlock, the server has let the other one through: five more attempts at least.
describe.each([
  ['55P03', 2],
  ['40P01', 6],
])('SQLSTATE %s', (code, attempts) => {
  test('is tried again, with growing pauses, each said', async () => {
    const run = lockedRun();
    const { body, calls } = failing(2, failure(code));
    await withLockRetries(given, run.context, body);
    expect(calls()).toBe(3);
    expect(run.sleeps).toEqual([500, 1000]);
    expect(run.events).toEqual(
      [1, 2].map((attempt) => ({
        event: 'run.lock_wait',
        step: given.id,
        kind: given.kind,
        node: 'a',
        attempt,
        attempts: 4,
        blockers: [],
      })),
    );
  });

  test('fails with the step’s words when the retries are used up', async () => {
    const run = lockedRun({ lockRetries: 1 });
    const error = failure(code);
    const { body, calls } = failing(9, error);
    await expect(withLockRetries(given, run.context, body)).rejects.toMatchObject({
      name: 'SteepError',
      exit: 1,
      cause: error,
    });
    expect(calls()).toBe(attempts);
  });
});

test('pauses never exceed five seconds', async () => {
  const run = lockedRun({ lockRetries: 8 });
  await withLockRetries(given, run.context, failing(7, failure('55P03')).body);
  expect(Math.max(...run.sleeps)).toBe(5000);
});

test.each([
  ['another SQLSTATE', failure('42501')],
  ['an error that is not the server’s', Object.assign(new Error('x'), { code: '55P03' })],
])('%s is not tried again', async (_what, error) => {
  const run = lockedRun();
  const { body, calls } = failing(1, error);
  await expect(withLockRetries(given, run.context, body)).rejects.toBe(error);
  expect({ calls: calls(), events: run.events }).toEqual({ calls: 1, events: [] });
});

test('what the server rolled back because of another transaction is begun again, and waits for no lock', async () => {
  const run = lockedRun({ lockRetries: 0 });
  const { body, calls } = failing(2, failure('40001'));
  await withLockRetries(given, run.context, body);
  expect({ calls: calls(), events: run.events }).toEqual({ calls: 3, events: [] });
});
