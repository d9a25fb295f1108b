// An initial copy by steep while an application writes, and a server that dies in the middle of it, or throws away the
// WAL that the copy still needs: the run says what is wrong, and the same command again finishes the job.

import { expect, test } from 'vitest';
import type { CliResult } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { createWorld, shapeOf, tables, type World, write } from './twelve-tables.ts';

const publisher = await cluster.privateServer(newestMajor);
const subscriber = await cluster.privateServer(newestMajor);

/** So many rows of the first table that its indexes, and foreign keys to it, are deferred. */
const rowsOfFirst = 100_000;

/** A copy that has finished some tables, and cannot finish the last. */
async function midway(world: World) {
  const lock = await holdTransaction(world.subscriber, 'LOCK TABLE t11 IN SHARE MODE');
  const run = world.project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(({ event }) => event === 'init.table_complete');
  expect(await world.subscriber.query('SELECT FROM steep_repl.copy_postponed')).not.toEqual([]);
  return { run, lock };
}

const apply = ({ project }: World): Promise<CliResult> =>
  project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');

async function expectToFinish(world: World, shape: unknown): Promise<void> {
  const writer = await startWriter(world.publisher, (turn) => write(1_000_000 + turn));
  const again = await apply(world);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await writer.stop();
  await waitForSameRows(world.publisher, world.subscriber, tables);
  expect(await shapeOf(world)).toEqual(shape);
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
}

const slotsOf = ({ publisher: source }: World) =>
  source.query<{ readonly slot_name: string; readonly wal_status: string; readonly lsn: string }>(
    `SELECT slot_name::text, wal_status, restart_lsn::text AS lsn FROM pg_replication_slots WHERE database = '${source.name}'`,
  );

const initOf = async (world: World) => {
  const [row] = await world.subscriber.query<{ readonly state: string; readonly error: string }>(
    'SELECT state, error FROM steep_repl.subscriptions_init',
  );
  return row;
};

test('kill -9 of the subscriber: what was complete is kept, the rest is copied', async () => {
  const world = await createWorld(publisher, subscriber, rowsOfFirst);
  const shape = await shapeOf(world);
  const writer = await startWriter(world.publisher, write);
  const { run } = await midway(world);
  await subscriber.kill();
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(6);
  await subscriber.start();
  expect(await slotsOf(world)).toHaveLength(1);
  await writer.stop();
  await expectToFinish(world, shape);
});

test('kill -9 of the source: the copy has failed and says what to do, and its slot is kept', async () => {
  const world = await createWorld(publisher, subscriber, rowsOfFirst);
  const shape = await shapeOf(world);
  const writer = await startWriter(world.publisher, write);
  const { run, lock } = await midway(world);
  const [slot] = await slotsOf(world);
  await publisher.kill();
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(6);
  await writer.stop().catch(() => 'it went with the server');
  expect(await initOf(world)).toMatchObject({
    state: 'failed',
    error: expect.stringMatching(/Node publisher: .*run the same command again/i) as unknown,
  });
  await publisher.start();
  expect(await slotsOf(world)).toEqual([slot]);
  await lock.commit();
  await expectToFinish(world, shape);
});

test('WAL that is removed: the copy stops, says why, and starts again with a new slot', async () => {
  const world = await createWorld(publisher, subscriber, rowsOfFirst);
  const source = world.publisher;
  const shape = await shapeOf(world);
  const writer = await startWriter(world.publisher, write);
  const { run, lock } = await midway(world);
  const [slot] = await slotsOf(world);
  await source.query(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
  await source.query('SELECT pg_reload_conf()');
  await waitFor('the WAL of the slot to be removed', async () => {
    await source.query('SELECT pg_switch_wal()');
    await source.query('CHECKPOINT');
    return (await slotsOf(world))[0]?.wal_status === 'lost';
  });
  // The lock is still held: nothing but the loss of the slot ends the copy.
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(6);
  expect(await run.until(({ event }) => event === 'run.step_failed')).toMatchObject({
    code: 'COPY_SLOT_LOST',
    message: expect.stringMatching(/has lost WAL \(wal_removed\)/) as unknown,
  });
  expect(await initOf(world)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('Raise max_slot_wal_keep_size') as unknown,
  });
  await source.query('ALTER SYSTEM RESET max_slot_wal_keep_size');
  await source.query('SELECT pg_reload_conf()');
  await writer.stop();
  const plan = (await world.project.steep('plan')).stdout;
  expect(plan).toContain(`initial copy, again: slot ${slot?.slot_name} has lost WAL`);
  expect(plan).toContain('empty the tables that the interrupted copy has filled');
  await lock.commit();
  await expectToFinish(world, shape);
  expect(await slotsOf(world)).not.toEqual([slot]);
});
