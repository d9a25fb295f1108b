// An initial copy that the table lock of another session blocks: it waits for so long, names the session, and either
// continues or gives up, with nothing copied twice.

import { describe, expect, test } from 'vitest';
import { readBlockers } from '../../../src/catalog/copies/read-progress.ts';
import type { CopyRequest } from '../../../src/copy/copy-tables.ts';
import type { HeldSnapshot } from '../../../src/copy/read/hold-snapshot.ts';
import type { LockWait, LockWaitPolicy } from '../../../src/postgres/retry/watch-locks.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import {
  type HeldTransaction,
  holderName,
  holdTransaction,
} from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge, edgeSteps, items } from '../../support/worlds/edge.ts';
import { type CopyStage, copy, hold, names, open, settle, smallTuning } from './copy-under-test.ts';
import { expectExact, filled, tables } from './two-tables.ts';

/** Waits a moment, so many times more, and notes what it is told. */
async function shortPolicy(it: CopyStage, retries: number) {
  const observers = {
    source: await open(it.source.conninfo, 'observer'),
    target: await open(it.target.conninfo, 'observer'),
  };
  onTestFinished(async () => {
    await Promise.all(Object.values(observers).map((session) => session.close()));
  });
  const waits: LockWait[] = [];
  const waiting = new Set<string>();
  const policy: LockWaitPolicy = {
    timeoutMs: 600,
    retries,
    blockersOf: (node, pids) => readBlockers(observers[node as keyof typeof observers], pids),
    onWaiting: (doing) => waiting.add(doing),
    onRetry: (wait) => waits.push(wait),
  };
  return { policy, waits, waiting };
}

const failureFor = (lock: HeldTransaction, node: string) => ({
  code: 'LOCK_TIMEOUT',
  exit: 8,
  message: expect.stringMatching(
    new RegExp(
      `^Node ${node}: .*Held by pid ${lock.pid} \\(${holderName}, .*\\) for \\d+ s\\.$`,
      's',
    ),
  ) as unknown,
  suggestions: expect.arrayContaining([
    `End it, if it may be ended: SELECT pg_catalog.pg_terminate_backend(${lock.pid})`,
  ]) as unknown,
});

const holder = ({ pid }: HeldTransaction) => expect.objectContaining({ pid }) as unknown;

/** A copy that keeps its indexes, so that a session that holds a table is only blocking its rows. */
const copyRows = (it: CopyStage, snapshot: HeldSnapshot, changes: Partial<CopyRequest>) => {
  const tuning = { ...smallTuning, deferFromBytes: 1e9 };
  return copy(it, snapshot, tables, { workers: 1, tuning, ...changes });
};

describe.each([
  ['target', 'SHARE', 'copying public.small'],
  ['target', 'SHARE UPDATE EXCLUSIVE', 'analyzing'],
  ['target', 'ACCESS EXCLUSIVE', 'preparing the copy'],
  ['source', 'ACCESS EXCLUSIVE', 'preparing the copy'],
] as const)('a table of the %s that is locked in %s mode', (node, mode, doing) => {
  const lockIt = (it: CopyStage) => holdTransaction(it[node], `LOCK TABLE small IN ${mode} MODE`);

  test('ends the copy after the retries, and it names who holds it', async () => {
    const it = await filled();
    const { policy, waits, waiting } = await shortPolicy(it, 1);
    const snapshot = await hold(it);
    const lock = await lockIt(it);
    await expect(copyRows(it, snapshot, { locks: policy })).rejects.toMatchObject(
      failureFor(lock, node),
    );
    expect(waits).toEqual([{ attempt: 1, attempts: 2, blockers: [holder(lock)] }]);
    expect([...waiting].join()).toContain(doing);
  });

  test('that is released in between is copied, and nothing twice', async () => {
    const it = await filled();
    const { policy, waits } = await shortPolicy(it, 20);
    const snapshot = await hold(it);
    const lock = await lockIt(it);
    const onRetry = (wait: LockWait): void => {
      if (waits.push(wait) === 1) lock.commit().catch(() => undefined);
    };
    await copyRows(it, snapshot, { locks: { ...policy, onRetry } });
    expect(waits[0]).toMatchObject({ attempt: 1, blockers: [holder(lock)] });
    await expectExact(it);
  });
});

test('workers of the copy that wait for each other do not give up', async () => {
  const it = await filled();
  const { policy, waiting } = await shortPolicy(it, 0);
  // Anyone who stores rows of the large table holds this row for two seconds.
  await it.target.query(`
    CREATE TABLE gate (id int PRIMARY KEY, passed int);
    INSERT INTO gate VALUES (1, 0);
    CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE public.gate SET passed = passed + 1;
      PERFORM pg_catalog.pg_sleep(2);
      RETURN NULL;
    END $$;
    CREATE TRIGGER passes BEFORE INSERT ON large FOR EACH STATEMENT EXECUTE FUNCTION pass();
    ALTER TABLE large ENABLE REPLICA TRIGGER passes`);
  const tuning = { chunkBytes: 1_500_000, deferFromBytes: 1e9 };
  await copyRows(it, await hold(it), { locks: policy, workers: 2, tuning });
  expect(waiting).toEqual(new Set());
  expect(await it.target.query('SELECT passed FROM gate')).toEqual([{ passed: 2 }]);
  await expectExact(it);
});

test('what an interrupted copy has left is settled with the same policy for locks', async () => {
  const it = await filled();
  await it.target.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
    CREATE TRIGGER refuses BEFORE INSERT ON large FOR EACH ROW WHEN (NEW.id = 15000) EXECUTE FUNCTION refuse();
    ALTER TABLE large ENABLE REPLICA TRIGGER refuses`);
  const run = copy(it, await hold(it), tables, { workers: 1 });
  await expect(run).rejects.toThrow('refused');
  const { policy, waits, waiting } = await shortPolicy(it, 1);
  const emptying = await holdTransaction(it.target, 'LOCK TABLE large IN ACCESS SHARE MODE');
  await expect(settle(it, names('large'), policy)).rejects.toMatchObject(
    failureFor(emptying, 'target'),
  );
  expect(waits).toEqual([{ attempt: 1, attempts: 2, blockers: [holder(emptying)] }]);
  expect(waiting).toEqual(new Set(['emptying public.large']));
  await emptying.commit();
  const building = await holdTransaction(it.target, 'LOCK TABLE large IN ROW EXCLUSIVE MODE');
  await expect(settle(it, [], policy)).rejects.toMatchObject(failureFor(building, 'target'));
  await building.commit();
  await settle(it, names('large'), policy);
  expect(await it.target.query('SELECT count(*)::int AS n FROM large')).toEqual([{ n: 0 }]);
});

test('apply says whom its copy waits for, ends with 8, and continues when it is run again', async () => {
  const { project, publisher, subscriber } = await createEdge();
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const shortWaits = ['--lock-timeout', '1s', '--lock-retries', '1'];
  const run = project.start('apply', '--auto-approve', '--json', ...shortWaits);
  const progress = await run.until(
    ({ event, message }) =>
      event === 'run.step_progress' && String(message).includes(`waits for pid ${lock.pid}`),
  );
  expect(progress).toMatchObject({
    step: edgeSteps.copyTables,
    message: expect.stringContaining(
      `copying public.items waits for pid ${lock.pid} (${holderName}`,
    ) as unknown,
  });
  expect(await run.until(({ event }) => event === 'run.lock_wait')).toMatchObject({
    step: edgeSteps.copyTables,
    level: 'warn',
    attempt: 1,
    attempts: 2,
    blockers: [{ pid: lock.pid, application: holderName }],
  });
  const result = await run.result;
  expect(result.code, result.stdout).toBe(8);
  expect(await run.until(({ event }) => event === 'run.step_failed')).toMatchObject({
    code: 'LOCK_TIMEOUT',
  });
  expect(
    await subscriber.query('SELECT state, error FROM steep_repl.subscriptions_init'),
  ).toMatchObject([
    { state: 'failed', error: expect.stringContaining(`pid ${lock.pid}`) as unknown },
  ]);
  await lock.commit();
  const again = await project.steep('apply', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [items]);
});

test('a plan that is made meanwhile names the run that copies', async () => {
  const { project, subscriber } = await createEdge();
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json');
  const { run_id: id } = await run.until(({ event }) => event === 'run.lock_wait');
  const during = await project.steep('plan');
  expect(during.code, during.stderr).toBe(0);
  expect(during.stdout).toMatch(
    new RegExp(
      `initial copy, running: steep ${String(id).slice(0, 8)} \\S+@\\S+ \\d\\d:\\d\\d:\\d\\dZ`,
    ),
  );
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  await waitFor('the server to notice', async () =>
    (await project.steep('plan')).stdout.includes('initial copy, again'),
  );
});
