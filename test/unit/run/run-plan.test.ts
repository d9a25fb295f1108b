// The scheduler: when each step starts, and what becomes of the others when one fails or a user interrupts. What a step
// does is decided by the test.

import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunContext } from '../../../src/executors/executor.ts';
import { SteepError } from '../../../src/model/errors.ts';
import { ExitCode } from '../../../src/model/plan/exit-code.ts';
import type { Step } from '../../../src/model/step/step.ts';
import { exitOf, type PlanRun, runPlan } from '../../../src/run/run-plan.ts';
import { step } from '../../support/plans/plans.ts';
import { type FakeRun, fakeRun } from '../../support/run-context.ts';

interface Running {
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** Steps in flight, by name. */
const running = new Map<string, Running>();

vi.mock('../../../src/run/run-step.ts', () => ({
  runStep: ({ id }: Step) =>
    new Promise<void>((done, fail) => {
      running.set(id, { done, fail });
    }).finally(() => running.delete(id)),
}));

beforeEach(() => running.clear());

/** A step `name` on a node. */
const on = (node: string, name: string, ...needs: readonly string[]): Step => ({
  ...step(`${node}/subscription.${name}`, []),
  id: name,
  needs,
});

const start = (run: FakeRun, ...steps: readonly Step[]): Promise<PlanRun> => {
  const session = () => ({ closed: false });
  const context = { ...run.context, session } as unknown as RunContext;
  return runPlan(steps, () => context, context.signal);
};

const inFlight = async (): Promise<readonly string[]> => {
  await turn();
  return [...running.keys()];
};

const end = (name: string): void => running.get(name)?.done();
const fail = (name: string, error: Error): void => running.get(name)?.fail(error);

const statuses = ({ reports }: PlanRun) =>
  Object.fromEntries(reports.map(({ id, status }) => [id, status]));

describe('steps run', () => {
  test('side by side on different nodes, one at a time on each', async () => {
    const ended = start(fakeRun(), on('a', 'a1'), on('a', 'a2'), on('b', 'b1'));
    expect(await inFlight()).toEqual(['a1', 'b1']);
    end('b1');
    expect(await inFlight()).toEqual(['a1']);
    end('a1');
    expect(await inFlight()).toEqual(['a2']);
    end('a2');
    const run = await ended;
    expect(statuses(run)).toEqual({ a1: 'done', a2: 'done', b1: 'done' });
    expect(run).toMatchObject({ failure: null, interrupted: false });
    expect(exitOf(run)).toBe(ExitCode.done);
  });

  test('after what they need, wherever that is', async () => {
    const ended = start(fakeRun(), on('a', 'a1'), on('b', 'b1', 'a1'), on('a', 'a2', 'b1'));
    for (const name of ['a1', 'b1', 'a2']) {
      expect(await inFlight()).toEqual([name]);
      end(name);
    }
    expect(statuses(await ended)).toEqual({ a1: 'done', b1: 'done', a2: 'done' });
  });

  test('past one of their node that still has to wait', async () => {
    const ended = start(fakeRun(), on('a', 'a1', 'b1'), on('a', 'a2'), on('b', 'b1'));
    expect(await inFlight()).toEqual(['a2', 'b1']);
    end('a2');
    end('b1');
    expect(await inFlight()).toEqual(['a1']);
    end('a1');
    await ended;
  });

  test('each with its events', async () => {
    const run = fakeRun();
    const ended = start(run, on('a', 'a1'));
    await inFlight();
    end('a1');
    await ended;
    expect(run.events.map(({ event }) => event)).toEqual(['run.step_started', 'run.step_done']);
  });
});

const lost = new SteepError('CONNECTION_LOST', 'gone');
const taken = new SteepError('METADATA_HAS_WORKERS', 'taken', { exit: ExitCode.locked });
const late = new SteepError('NOT_CONVERGED', 'late', { exit: ExitCode.notConverged });

describe('after a failure', () => {
  test('what is in flight ends, and nothing is started', async () => {
    const run = fakeRun();
    const ended = start(run, on('a', 'a1'), on('b', 'b1'), on('a', 'a2'), on('c', 'c1', 'b1'));
    await inFlight();
    fail('a1', new SteepError('COPY_FAILED', 'no'));
    expect(await inFlight()).toEqual(['b1']);
    end('b1');
    const result = await ended;
    expect(statuses(result)).toEqual({
      a1: 'failed',
      b1: 'done',
      a2: 'not-started',
      c1: 'not-started',
    });
    expect(result.failure?.code).toBe('COPY_FAILED');
    expect(result.reports[0]?.error).toMatchObject({ code: 'COPY_FAILED', message: 'no' });
    expect(run.events).toContainEqual(
      expect.objectContaining({ event: 'run.step_failed', step: 'a1', code: 'COPY_FAILED' }),
    );
  });

  test('the first one counts', async () => {
    const ended = start(fakeRun(), on('a', 'a1'), on('b', 'b1'));
    await inFlight();
    fail('b1', late);
    await inFlight();
    fail('a1', lost);
    expect((await ended).failure).toBe(late);
  });

  test('an error of anything else is put into words that name step and node', async () => {
    const ended = start(fakeRun(), on('a', 'a1'));
    await inFlight();
    fail('a1', new Error('boom'));
    expect((await ended).failure?.message).toMatch(/Node a: running step "a1" failed.*boom/);
  });

  test.each<[string, readonly string[], Error, string, ExitCode]>([
    ['nothing was done', [], new Error('no'), 'failed', ExitCode.error],
    ['something was done', ['b1'], new Error('no'), 'failed', ExitCode.partial],
    ['others have the node, and nothing was done', [], taken, 'failed', ExitCode.locked],
    ['others have a node, and something was done', ['b1'], taken, 'failed', ExitCode.partial],
    ['the answer never came', [], lost, 'in-doubt', ExitCode.partial],
    ['a wait took too long', ['b1'], late, 'failed', ExitCode.notConverged],
  ])('where %s', async (_what, done, error, status, exit) => {
    const ended = start(fakeRun(), on('a', 'a1'), on('b', 'b1'));
    await inFlight();
    for (const name of done) end(name);
    fail('a1', error);
    await inFlight();
    fail('b1', new Error('also'));
    const run = await ended;
    expect(statuses(run).a1).toBe(status);
    expect(exitOf(run)).toBe(exit);
  });
});

describe('an interrupt', () => {
  test('lets what is in flight end, and starts nothing', async () => {
    const run = fakeRun();
    const ended = start(run, on('a', 'a1'), on('a', 'a2'));
    await inFlight();
    run.interrupt();
    end('a1');
    const result = await ended;
    expect(statuses(result)).toEqual({ a1: 'done', a2: 'not-started' });
    expect(result).toMatchObject({ interrupted: true, failure: null });
  });

  test('that ends a wait leaves its step undone, and is no failure', async () => {
    const run = fakeRun();
    const ended = start(run, on('a', 'a1'));
    await inFlight();
    run.interrupt();
    fail('a1', new SteepError('INTERRUPTED', 'stopped'));
    const result = await ended;
    expect(statuses(result)).toEqual({ a1: 'not-started' });
    expect(result.failure).toBeNull();
  });

  test('before the first step does nothing', async () => {
    const run = fakeRun();
    run.interrupt();
    expect(statuses(await start(run, on('a', 'a1')))).toEqual({ a1: 'not-started' });
  });
});
