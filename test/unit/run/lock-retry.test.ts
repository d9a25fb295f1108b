// Locks that were not to be had: how often a step tries, how long it pauses, what it says.

import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { withLockRetries } from '../../../src/run/lock-retry.ts';
import { step } from '../../support/plans/plans.ts';
import { fakeRun } from '../../support/run-context.ts';

const given = step('a/publication.p', []);

const failure = (code: string): DatabaseError =>
  Object.assign(new DatabaseError('no', 0, 'error'), { code, severity: 'ERROR' });

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
  const run = fakeRun();
  const { body, calls } = failing(0, failure('55P03'));
  await withLockRetries(given, run.context, body);
  expect({ calls: calls(), events: run.events, sleeps: run.sleeps }).toEqual({
    calls: 1,
    events: [],
    sleeps: [],
  });
});

describe.each(['55P03', '40P01'])('SQLSTATE %s', (code) => {
  test('is tried again, with growing pauses, each said', async () => {
    const run = fakeRun();
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

  test('fails with the server’s own error when the retries are used up', async () => {
    const run = fakeRun({ lockRetries: 1 });
    const error = failure(code);
    const { body, calls } = failing(9, error);
    await expect(withLockRetries(given, run.context, body)).rejects.toBe(error);
    expect(calls()).toBe(2);
  });
});

test('pauses never exceed five seconds', async () => {
  const run = fakeRun({ lockRetries: 8 });
  await withLockRetries(given, run.context, failing(7, failure('55P03')).body);
  expect(Math.max(...run.sleeps)).toBe(5000);
});

test.each([
  ['another SQLSTATE', failure('42501')],
  ['an error that is not the server’s', Object.assign(new Error('x'), { code: '55P03' })],
])('%s is not tried again', async (_what, error) => {
  const run = fakeRun();
  const { body, calls } = failing(1, error);
  await expect(withLockRetries(given, run.context, body)).rejects.toBe(error);
  expect({ calls: calls(), events: run.events }).toEqual({ calls: 1, events: [] });
});
