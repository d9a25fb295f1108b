// Others in the way: table locks and open transactions. steep waits for so long, names them, and gives up or continues.

import { expect, test } from 'vitest';
import type { CliEvent, RunningCli } from '../../support/cli.ts';
import { statusesOf } from '../../support/report.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import {
  type HeldTransaction,
  holderName,
  holdTransaction,
} from '../../support/servers/transaction.ts';
import { createEdge, edgeSteps } from '../../support/worlds/edge.ts';

// Held transactions delay the creation of every slot of a server: that one is not shared.
const publisher = await cluster.privateServer(newestMajor);

/** CREATE PUBLICATION waits for it; reading does not. */
const lockStatement = 'LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE';

const lockWait = (run: RunningCli): Promise<CliEvent> =>
  run.until(({ event }) => event === 'run.lock_wait');

const stepFailed = (run: RunningCli): Promise<CliEvent> =>
  run.until(({ event }) => event === 'run.step_failed');

const holderOf = ({ pid }: HeldTransaction) => ({
  pid,
  application: holderName,
  state: 'idle in transaction',
  age_seconds: expect.any(Number),
});

const impatient = ['--lock-timeout', '1s', '--lock-retries', '1'] as const;

test('a locked table: each wait names who holds it; in the end the step fails', async () => {
  const edge = await createEdge({ publisher });
  const lock = await holdTransaction(edge.publisher, lockStatement);
  const run = edge.project.start('apply', '--auto-approve', '--json', ...impatient);
  expect(await lockWait(run)).toMatchObject({
    step: edgeSteps.createPublication,
    level: 'warn',
    attempt: 1,
    attempts: 2,
    blockers: [holderOf(lock)],
  });
  const result = await run.result;
  expect(result.code).toBe(6);
  expect(await stepFailed(run)).toMatchObject({
    step: edgeSteps.createPublication,
    code: 'LOCK_TIMEOUT',
    message: expect.stringMatching(
      new RegExp(
        `^Node publisher: .* Held by pid ${lock.pid} \\(${holderName}, idle in transaction\\) for \\d+ s\\.$`,
        's',
      ),
    ),
  });
  expect(statusesOf(result)).toMatchObject({
    'register-node publisher/node.publisher': 'done',
    [edgeSteps.createPublication]: 'failed',
    [edgeSteps.createSlot(edge)]: 'not-started',
  });
  // What was done before is not done by this run: nothing was changed.
  const again = await edge.project.steep('apply', '--auto-approve', ...impatient);
  expect(again.code).toBe(1);
  expect(again.stdout).toContain('another session held the lock for too long');
  expect(again.stdout).toContain(`SELECT pg_catalog.pg_terminate_backend(${lock.pid})`);
  expect(again.stderr).toContain(`held by pid ${lock.pid} ${holderName}, idle in transaction`);
});

test('a locked table: the run continues when the lock is released in between', async () => {
  const edge = await createEdge({ publisher });
  const lock = await holdTransaction(edge.publisher, lockStatement);
  const run = edge.project.start('apply', '--auto-approve', '--json', '--lock-timeout', '500ms');
  await lockWait(run);
  await lock.commit();
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
});

test('a refresh waits no longer for its lock than anything else', async () => {
  const edge = await createEdge({ publisher });
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
  for (const database of [edge.publisher, edge.subscriber]) {
    await database.query('CREATE TABLE more (id int PRIMARY KEY)');
  }
  await edge.project.describe({
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', 'more'] } },
  });
  // Renaming keeps the lock of the subscription that REFRESH wants.
  const lock = await holdTransaction(edge.subscriber, 'COMMENT ON SUBSCRIPTION items IS NULL');
  const run = edge.project.start('apply', '--auto-approve', '--json', ...impatient);
  const refresh = 'refresh-subscription subscriber/subscription.items';
  expect(await lockWait(run)).toMatchObject({ step: refresh, blockers: [holderOf(lock)] });
  expect((await run.result).code).toBe(6);
  expect(await stepFailed(run)).toMatchObject({ step: refresh, code: 'LOCK_TIMEOUT' });
  await lock.commit();
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
});

test('a saved plan runs with its own limits, and with no others', async () => {
  const edge = await createEdge({ publisher });
  const planned = await edge.project.steep('plan', '--lock-timeout', '500ms', '--out', 'p');
  expect(planned.stdout).toContain('SHARE UPDATE EXCLUSIVE, at most 500 ms');
  const other = await edge.project.steep('apply', 'p', '--lock-timeout', '10s');
  expect(other.code, other.stderr).toBe(64);
  expect(other.stderr).toContain('steep plan --lock-timeout 10000ms --out FILE');
  const lock = await holdTransaction(edge.publisher, lockStatement);
  const run = edge.project.start('apply', 'p', '--lock-retries', '0', '--json');
  expect(await stepFailed(run)).toMatchObject({ code: 'LOCK_TIMEOUT' });
  await lock.commit();
  expect((await run.result).code).toBe(6);
});

test('--slot-timeout: an open write transaction is named, and no slot is left', async () => {
  const edge = await createEdge({ publisher });
  const writer = await holdTransaction(edge.publisher, 'INSERT INTO items VALUES (0)');
  const run = edge.project.start('apply', '--auto-approve', '--json', '--slot-timeout', '2s');
  const result = await run.result;
  expect(result.code).toBe(6);
  const named = `pid ${writer.pid} (${holderName}, database ${edge.publisher.name}, idle in transaction)`;
  expect(await stepFailed(run)).toMatchObject({
    step: edgeSteps.createSlot(edge),
    code: 'SLOT_TIMEOUT',
    message: expect.stringContaining(named),
  });
  // While it waits, it says so.
  expect(await run.until(({ event }) => event === 'run.step_progress')).toMatchObject({
    step: edgeSteps.createSlot(edge),
    message: expect.stringContaining(`waits for ${named}`),
  });
  expect(
    await edge.publisher.query(
      'SELECT slot_name FROM pg_replication_slots WHERE database = current_database()',
    ),
  ).toEqual([]);
  await writer.commit();
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
});
