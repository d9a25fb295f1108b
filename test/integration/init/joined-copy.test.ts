// Workers of other processes that take loads of a running initial copy (steep worker --join): each row is there once, whoever is
// killed, and the run says which rows may be stored.

import { describe, expect, test } from 'vitest';
import { type Holding, holding } from '../../support/fakes/holding-proxy.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { createWorld, shapeOf, tables, type World, write } from './twelve-tables.ts';

const rows = process.env.STEEP_TEST_NIGHTLY === undefined ? 60_000 : 400_000;

const smallChunks = {
  NODE_OPTIONS: `--import ${new URL('../../chaos/small-chunks.ts', import.meta.url).href}`,
};

interface Held extends World, Pick<Holding, 'release'> {}

/** The run itself stores no rows before `release`: the copy lasts until its workers have had their loads. */
const createLarge = async (): Promise<Held> => {
  const server = await cluster.privateServer(newestMajor);
  const world = await createWorld(server, server, rows);
  const { url, release } = await holding(world.subscriber.conninfo, /^COPY .*FROM STDIN/);
  const project = world.project.with({ subscriber: url }).withEnvironment(smallChunks);
  return { ...world, project, release };
};

/** Workers whose steep.yaml has the two nodes and nothing else. */
const startWorkers = async ({ publisher, subscriber }: World, count: number) => {
  const nodes = await createProject({ publisher: publisher.url, subscriber: subscriber.url }, {});
  const args = ['worker', '--join', '--node', 'subscriber', '--concurrency', '2'];
  return Array.from({ length: count }, () => nodes.start(...args));
};

/** Of joined workers that are there. */
const placesOf = ({ subscriber }: World) =>
  subscriber.query<{ readonly state: string; readonly load_number: number }>(
    'SELECT state, load_number FROM steep_repl.joined_workers',
  );

const chunksBegun = (world: World, most: number) =>
  waitFor(
    `a joined worker to have been given ${most} loads`,
    async () => {
      const places = await placesOf(world).catch(() => []);
      return places.some(({ load_number }) => load_number >= most) || null;
    },
    { timeoutMs: 120_000, everyMs: 20 },
  );

const assertSame = async (world: World, before: unknown): Promise<void> => {
  await waitForSameRows(world.publisher, world.subscriber, tables);
  expect(await shapeOf(world)).toEqual(before);
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  expect(await placesOf(world)).toEqual([]);
  expect(await world.subscriber.query('SELECT FROM steep_repl.joinable_copies')).toEqual([]);
};

describe(`PostgreSQL ${newestMajor}`, () => {
  test('two workers take loads of a copy while an application writes', {
    timeout: 600_000,
  }, async () => {
    const world = await createLarge();
    const { project, publisher } = world;
    const before = await shapeOf(world);
    const writer = await startWriter(publisher, write);
    // There is no steep_repl yet: they wait for it.
    const workers = await startWorkers(world, 2);
    await project.steep('node', 'register', 'subscriber', '--auto-approve');
    const copy = project.start('apply', '--auto-approve', '--json');
    await chunksBegun(world, 3);
    world.release();
    const { code, stderr, stdout } = await copy.result;
    expect(code, stderr + stdout).toBe(0);
    await writer.stop();
    for (const worker of workers) worker.kill('SIGTERM');
    const said = await Promise.all(workers.map(async ({ result }) => (await result).stderr));
    const stored = said.join('').match(/left, after (\d+) loads/g) ?? [];
    expect(
      stored.some((text) => !text.includes('after 0 loads')),
      said.join(''),
    ).toBe(true);
    await assertSame(world, before);
  });

  test('a worker that is killed leaves nothing of its load', { timeout: 600_000 }, async () => {
    const world = await createLarge();
    const { project } = world;
    const before = await shapeOf(world);
    await project.steep('node', 'register', 'subscriber', '--auto-approve');
    const workers = await startWorkers(world, 2);
    const copy = project.start('apply', '--auto-approve', '--json');
    for (const [index, worker] of workers.entries()) {
      await chunksBegun(world, 1 + index);
      worker.kill('SIGKILL');
      await worker.result;
    }
    world.release();
    const { code, stderr, stdout } = await copy.result;
    expect(code, stderr + stdout).toBe(0);
    await assertSame(world, before);
  });

  test('a run that is killed: workers store nothing more of its copy, and join the next one', {
    timeout: 600_000,
  }, async () => {
    const world = await createLarge();
    const { project } = world;
    const before = await shapeOf(world);
    await project.steep('node', 'register', 'subscriber', '--auto-approve');
    const workers = await startWorkers(world, 2);
    const first = project.start('apply', '--auto-approve', '--json');
    await chunksBegun(world, 2);
    first.kill('SIGKILL');
    await first.result;
    world.release();
    const { code, stderr, stdout } = await project.steep(
      'apply',
      '--auto-approve',
      '--wait-for-lock',
      '60s',
    );
    expect(code, stderr + stdout).toBe(0);
    for (const worker of workers) worker.kill('SIGTERM');
    await Promise.all(workers.map(({ result }) => result));
    await assertSame(world, before);
  });

  test('a table that gets another file: what joined workers have of it is void, too', {
    timeout: 600_000,
  }, async () => {
    const world = await createLarge();
    const { project, publisher } = world;
    const before = await shapeOf(world);
    await project.steep('node', 'register', 'subscriber', '--auto-approve');
    const workers = await startWorkers(world, 1);
    const copy = project.start('apply', '--auto-approve', '--json');
    await chunksBegun(world, 4);
    world.release();
    await publisher.query('VACUUM FULL t0');
    // The copy may have ended before.
    await Promise.race([chunksBegun(world, 8).catch(() => null), copy.result]);
    await publisher.query('VACUUM FULL t0');
    const { code, stderr, stdout } = await copy.result;
    expect(code, stderr + stdout).toBe(0);
    for (const worker of workers) worker.kill('SIGTERM');
    await Promise.all(workers.map(({ result }) => result));
    await assertSame(world, before);
  });

  test('a worker that hangs is not waited for', { timeout: 600_000 }, async () => {
    const world = await createLarge();
    const { project } = world;
    const before = await shapeOf(world);
    await project.steep('node', 'register', 'subscriber', '--auto-approve');
    const [worker] = await startWorkers(world, 1);
    if (worker === undefined) throw new Error('no worker');
    const copy = project.start('apply', '--auto-approve', '--json');
    await chunksBegun(world, 2);
    worker.kill('SIGSTOP');
    world.release();
    const { code, stderr, stdout } = await copy.result;
    worker.kill('SIGKILL');
    await worker.result;
    expect(code, stderr + stdout).toBe(0);
    await assertSame(world, before);
  });
});
