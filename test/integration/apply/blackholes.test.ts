// Networks that forward nothing and close nothing, in every phase of a run: it is said, the run ends or tries again, and
// the rows are the same once the network is back.

import { expect, test } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import { reportOf } from '../../support/report.ts';
import { lastByDay } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import {
  createWorld,
  ends,
  expectSame,
  expectToFinish,
  pauseInMiddle,
  proxyOf,
  start,
  type World,
} from './blackhole-world.ts';

test.concurrent.each(lastByDay(ends))(
  'one connection to the $node, in the middle of its rows: the copy tries again',
  async (given) => {
    const world = await createWorld();
    const middle = pauseInMiddle(proxyOf(world, given.node), given.way);
    const run = start(world);
    await middle;
    await run.said(`Node ${given.node} has not answered for`);
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    // The node that waits for the other end is not blamed.
    const other = given.node === 'publisher' ? 'subscriber' : 'publisher';
    expect(stderr).not.toContain(`Node ${other} has not answered`);
    await expectSame(world);
  },
);

test.concurrent.each(lastByDay(ends))(
  'everything to the $node, in the middle of rows: the run ends, and the next one finishes',
  async (given) => {
    const world = await createWorld();
    const proxy = proxyOf(world, given.node);
    const middle = pauseInMiddle(proxy, given.way);
    const run = start(world);
    await middle;
    proxy.pause();
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(6);
    expect(stderr).toContain(`Node ${given.node} has not answered`);
    proxy.resume();
    await expectToFinish(world);
  },
);

test.concurrent.each(lastByDay(ends))(
  'everything to the $node for a moment: it answers again, and the run finishes',
  async (given) => {
    const world = await createWorld(12_000);
    const proxy = proxyOf(world, given.node);
    const middle = pauseInMiddle(proxy, given.way);
    const run = start(world);
    await middle;
    proxy.pause();
    await run.said(`Node ${given.node} has not answered for`);
    proxy.resume();
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`Node ${given.node} answers again.`);
    await expectSame(world);
  },
);

test.concurrent('the connection that holds the snapshot: the run ends, and the next one finishes', async () => {
  const world = await createWorld();
  const lock = await holdTransaction(world.subscriber, 'LOCK TABLE large IN SHARE MODE');
  const run = project60(world);
  await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'copy-tables');
  world.toPublisher
    .links()
    .find(({ startup }) => startup.includes('replication\0database'))
    ?.pause();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stderr).toContain('Node publisher has not answered');
  expect(stdout).toContain('SNAPSHOT_LOST');
  await lock.commit();
  await expectToFinish(world);
});

/** Whose copy waits for a lock as long as the test wants. */
const project60 = ({ project }: World): RunningCli =>
  project.start('apply', '--auto-approve', '--json', '--lock-timeout', '60s');

test.concurrent('a publisher that does not answer while a plan reads: said, and exit 7', async () => {
  const world = await createWorld();
  world.toPublisher.onLink((link) => link.pauseAfter(2000, 'down'));
  const run = world.project.start('plan');
  await run.said('Node publisher has not answered for');
  const { code, stderr } = await run.result;
  expect(code).toBe(7);
  expect(stderr).toContain('The connection was closed.');
});

test.concurrent('a subscriber that does not answer while the run converges: exit 8, which says so', async () => {
  const world = await createWorld();
  await world.publisher.query('TRUNCATE large');
  expect((await start(world).result).code).toBe(0);
  const lock = await holdTransaction(world.subscriber, 'LOCK TABLE small IN ACCESS EXCLUSIVE MODE');
  await world.project.describe({
    nodes: {
      publisher: { replication_connection: world.publisher.url },
      subscriber: { replication_connection: world.subscriber.url },
    },
    publications: { feed: { node: 'publisher', tables: ['large', 'small'] } },
    subscriptions: {
      feed: {
        node: 'subscriber',
        source: 'publisher',
        publications: ['feed'],
        slot: `feed_${world.publisher.name}`,
        options: { binary: true },
      },
    },
    policy: { max_lag: '1kB' },
  });
  await world.publisher.query(
    `INSERT INTO small SELECT n, repeat('x', 1000) FROM generate_series(1000, 2000) n`,
  );
  const run = start(world);
  await run.until(({ event }) => event === 'run.converging');
  world.toSubscriber.pause();
  const result = await run.result;
  expect(result.code, result.stderr).toBe(8);
  expect(result.stderr).toContain('Node subscriber has not answered');
  expect(reportOf(result).outcome).toBe('not-converged');
  world.toSubscriber.resume();
  await lock.commit();
  await expectToFinish(world);
});
