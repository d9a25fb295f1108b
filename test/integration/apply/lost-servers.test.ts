// A server that dies in the middle of a run: exit 6, the report says what is done, in doubt and not started, and the same
// command finishes once the server is back. A connection that is cut alone is opened again by the same run.

import { describe, expect, test } from 'vitest';
import { pausing } from '../../support/fakes/pausing-proxy.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { reportOf, statusesOf } from '../../support/report.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { firstByDay, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  createEdge,
  type Edge,
  edgeSteps,
  items,
  startOf,
  waitForSlotCreation,
} from '../../support/worlds/edge.ts';

const publisher = await cluster.privateServer(newestMajor);
const subscriber = await cluster.privateServer(newestMajor);

async function expectToFinish({ project, ...edge }: Edge): Promise<void> {
  const again = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
  expect(again.code, again.stderr).toBe(0);
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
}

const endSteep = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND application_name LIKE 'steep %'`;

test('kill -9 of the publisher while a slot is created: that step is in doubt', async () => {
  const edge = await createEdge({ publisher, subscriber });
  await holdTransaction(edge.publisher, 'INSERT INTO items VALUES (0)');
  const run = edge.project.start('apply', '--auto-approve', '--json');
  await waitForSlotCreation(edge.publisher);
  await publisher.kill();
  await publisher.start();
  const result = await run.result;
  expect(result.code, result.stderr).toBe(6);
  expect(reportOf(result)).toMatchObject({ outcome: 'partial', exit: 6 });
  expect(statusesOf(result)).toMatchObject({
    [edgeSteps.createPublication]: 'done',
    [edgeSteps.createSlot(edge)]: 'in-doubt',
    [edgeSteps.createSubscription]: 'not-started',
  });
  const { error } = reportOf(result).steps.find(({ status }) => status === 'in-doubt') ?? {};
  expect(error).toMatchObject({ code: 'CONNECTION_LOST' });
  expect(error?.message).toContain('Node publisher');
  await expectToFinish(edge);
});

test('a session that is ended while it creates a slot: the same run connects again, and creates it', async () => {
  const edge = await createEdge({ publisher, subscriber });
  const writer = await holdTransaction(edge.publisher, 'INSERT INTO items VALUES (0)');
  const run = edge.project.start('apply', '--auto-approve', '--json');
  const pid = await waitForSlotCreation(edge.publisher);
  await edge.publisher.query('SELECT pg_terminate_backend($1)', [pid]);
  await waitFor('another session to create it', async () => {
    const found = await waitForSlotCreation(edge.publisher);
    return found !== pid;
  });
  await writer.commit();
  const result = await run.result;
  expect(result.code, result.stdout + result.stderr).toBe(0);
  expect(result.stdout).not.toContain('run.step_failed');
  expect(new Set(Object.values(statusesOf(result)))).toEqual(new Set(['done']));
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
  expect((await edge.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test('a connection that is cut after the last step, before the first look: exit 8', async () => {
  const edge = await createEdge({ publisher, subscriber });
  const { urls, pause } = await pausing([edge.subscriber.conninfo], {
    before: (statement) => /FROM steep_repl\.subscriptions_init AS i\s+LEFT JOIN/.test(statement),
  });
  const [url = ''] = urls;
  const run = edge.project.with({ subscriber: url }).start('apply', '--auto-approve', '--json');
  await pause.reached;
  await edge.subscriber.query(endSteep);
  pause.resume();
  const result = await run.result;
  expect(result.code, result.stderr).toBe(8);
  expect(reportOf(result)).toMatchObject({
    outcome: 'not-converged',
    behind: [expect.stringMatching(/^Node subscriber: /), expect.stringContaining('steep status')],
  });
  await expectToFinish(edge);
});

test('kill -9 of the subscriber during the initial copy', async () => {
  const edge = await createEdge({ publisher, subscriber });
  await holdTransaction(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = edge.project.start('apply', '--auto-approve');
  await run.said(`start ${edgeSteps.copyTables}`);
  await subscriber.kill();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toMatch(/\+ done +publisher +create-slot/);
  await subscriber.start();
  await expectToFinish(edge);
});

test('kill -9 of the subscriber while PostgreSQL copies', async () => {
  const edge = await createEdge({ publisher, subscriber, copy: 'native' });
  await holdTransaction(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = edge.project.start('apply', '--auto-approve');
  await run.said(`start ${edgeSteps.waitForCopy}`);
  await subscriber.kill();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toMatch(/\+ done +subscriber +create-subscription/);
  expect(stdout).toMatch(/\? IN DOUBT +subscriber +wait-for-copy/);
  expect(stdout).toContain(`In doubt: ${edgeSteps.waitForCopy}. The next run checks first.`);
  await subscriber.start();
  await expectToFinish(edge);
});

describe.each(['publisher', 'subscriber'] as const)('kill -9 of the %s', (node) => {
  test('once all steps are done: exit 8, which names it and says what to do', async () => {
    const edge = await createEdge({ publisher, subscriber });
    const { project } = edge;
    expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
    const lock = await holdTransaction(
      edge.subscriber,
      'LOCK TABLE items IN ACCESS EXCLUSIVE MODE',
    );
    await edge.publisher.query(
      `INSERT INTO items SELECT n, repeat('x', 1000) FROM generate_series(1000, 2000) n`,
    );
    const { subscriptions } = edge.topology;
    await project.describe({
      ...edge.topology,
      subscriptions: { items: { ...subscriptions?.items, options: { binary: true } } },
      policy: { max_lag: '1kB' },
    });
    const run = project.start('apply', '--auto-approve', '--json');
    await run.until(({ event }) => event === 'run.converging');
    await { publisher, subscriber }[node].kill();
    const result = await run.result;
    expect(result.code, result.stderr).toBe(8);
    expect(reportOf(result)).toMatchObject({
      outcome: 'not-converged',
      behind: [
        expect.stringMatching(
          new RegExp(
            `^Node ${node}: checking the progress of subscriber/subscription\\.items failed: `,
          ),
        ),
        expect.stringContaining('steep status'),
      ],
    });
    await { publisher, subscriber }[node].start();
    await lock.commit().catch(() => 'it went with the server');
    await expectToFinish(edge);
  });
});

describe('all connections of a run at once, with its locks: both servers are restarted', () => {
  const restartBoth = async (): Promise<void> => {
    await Promise.all([publisher.kill(), subscriber.kill()]);
    await Promise.all([publisher.start(), subscriber.start()]);
  };

  const moments = [
    { moment: 'while steep copies', copy: undefined, step: edgeSteps.copyTables },
    { moment: 'while PostgreSQL copies', copy: 'native' as const, step: edgeSteps.waitForCopy },
  ];

  test.each(firstByDay(moments))(
    '$moment: exit 6, and the same command finishes',
    async ({ copy, step }) => {
      const edge = await createEdge({ publisher, subscriber, ...(copy && { copy }) });
      await holdTransaction(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
      const run = edge.project.start('apply', '--auto-approve', '--json');
      await run.until(startOf(step));
      await restartBoth();
      const result = await run.result;
      expect(result.code, result.stderr).toBe(6);
      expect(reportOf(result)).toMatchObject({ outcome: 'partial', exit: 6 });
      await expectToFinish(edge);
    },
  );

  test.runIf(process.env.STEEP_TEST_NIGHTLY !== undefined)(
    'while it waits for convergence: exit 8, and the same command finishes',
    async () => {
      const edge = await createEdge({ publisher, subscriber });
      expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
      await holdTransaction(edge.subscriber, 'LOCK TABLE items IN ACCESS EXCLUSIVE MODE');
      await edge.publisher.query('INSERT INTO items SELECT n FROM generate_series(1000, 2000) n');
      await edge.project.describe({
        ...edge.topology,
        subscriptions: {
          items: { ...edge.topology.subscriptions?.items, options: { binary: true } },
        },
        policy: { max_lag: '1kB' },
      });
      const run = edge.project.start('apply', '--auto-approve', '--json');
      await run.until(({ event }) => event === 'run.converging');
      await restartBoth();
      const result = await run.result;
      expect(result.code, result.stderr).toBe(8);
      await expectToFinish(edge);
    },
  );
});
