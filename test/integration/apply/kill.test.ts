// SIGKILL, at every point of a run: the same command again continues, and ends where a run ends that was not disturbed.

import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { type Catalogs, catalogsOfAll } from '../../support/servers/catalogs.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { isByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import {
  createEdge,
  type Edge,
  edgeSteps,
  items,
  startOf,
  waitForSlotCreation,
} from '../../support/worlds/edge.ts';
import { createProject, type Project, type Topology } from '../../support/worlds/project.ts';

const nodes = ['primary', 'reporting', 'archive'] as const;
type Node = (typeof nodes)[number];

interface World {
  readonly project: Project;
  readonly databases: Readonly<Record<Node, TestDatabase>>;
}

const topologyOf = (suffix: string): Topology => ({
  publications: {
    sales: {
      node: 'primary',
      tables: ['orders', { name: 'events', replica_identity: 'full' }],
    },
    billing: { node: 'primary', tables: ['bills'], publish: ['insert'] },
  },
  subscriptions: {
    sales_reporting: {
      node: 'reporting',
      source: 'primary',
      publications: ['sales'],
      slot: `reporting_${suffix}`,
    },
    all_archive: {
      node: 'archive',
      source: 'primary',
      publications: ['sales', 'billing'],
      slot: `archive_${suffix}`,
    },
  },
});

/** install-metadata and register-node three times; an identity; two publications, trials, slots, copies, subscriptions. */
const stepCount = 17;

const tables = ['orders', 'events', 'bills'].map((name) => ({ schema: 'public', name }));

/**
 * Runs the body with a world of its own: three databases, on three majors where there are as many. Its
 * subscriptions end with it, since a server has workers for a few only.
 */
async function inWorld<T>(body: (world: World) => Promise<T>): Promise<T> {
  const world = await createWorld();
  try {
    return await body(world);
  } finally {
    const databases = Object.values(world.databases);
    await Promise.all(databases.map((database) => database.dropSubscriptions()));
    await Promise.all(databases.map((database) => database.drop()));
  }
}

async function createWorld(): Promise<World> {
  const servers = await Promise.all(
    [majors.at(-3), majors.at(-2), majors.at(-1)].map((major) =>
      cluster.server(major ?? majors[0] ?? 0),
    ),
  );
  const made = await Promise.all(servers.map((server) => server.createDatabase()));
  const databases = Object.fromEntries(
    nodes.map((node, index) => [node, made[index]]),
  ) as World['databases'];
  for (const database of made) {
    await database.query(`
      CREATE TABLE orders (id int PRIMARY KEY, total numeric);
      CREATE TABLE events (at timestamptz, what text);
      CREATE TABLE bills (id int PRIMARY KEY, body text)`);
  }
  await databases.primary.query(`
    INSERT INTO orders SELECT n, n / 7.0 FROM generate_series(1, 1000) n;
    INSERT INTO events SELECT '2026-01-01Z'::timestamptz + n * interval '1 min', 'event ' || n FROM generate_series(1, 1000) n;
    INSERT INTO bills SELECT n, repeat('x', n) FROM generate_series(1, 100) n`);
  const connections = Object.fromEntries(nodes.map((node) => [node, databases[node].url]));
  const suffix = randomBytes(4).toString('hex');
  return { project: await createProject(connections, topologyOf(suffix)), databases };
}

interface EndState {
  readonly catalogs: Readonly<Record<string, Catalogs>>;
  readonly rows: unknown;
}

/** Where a run has led: what is in the catalogs, and the rows, which a late change must still reach. */
async function endState({ databases, project }: World): Promise<EndState> {
  const { primary, reporting, archive } = databases;
  await primary.query(`
    UPDATE orders SET total = -1 WHERE id = 5; DELETE FROM events WHERE what = 'event 7';
    INSERT INTO bills VALUES (0, 'late')`);
  await waitForSameRows(primary, reporting, tables.slice(0, 2));
  const rows = await waitForSameRows(primary, archive, tables);
  const text = (await slotsOf(project)).reduce(
    (all, slot) => all.replaceAll(slot, slot.split('_')[0] ?? ''),
    JSON.stringify(await catalogsOfAll(databases)),
  );
  return { catalogs: JSON.parse(text) as EndState['catalogs'], rows };
}

async function slotsOf(project: Project): Promise<readonly string[]> {
  const file = await project.read('steep.yaml');
  return [...file.matchAll(/slot: (\S+)/g)].map(([, slot = '']) => slot);
}

async function planToFile({ project }: World): Promise<void> {
  const planned = await project.steep('plan', '--out', 'p', '--json');
  expect(planned.code, planned.stderr).toBe(0);
  expect((JSON.parse(planned.stdout) as { readonly steps: unknown[] }).steps).toHaveLength(
    stepCount,
  );
}

/** Applies the saved plan and kills the process when it has said that so many steps are done. */
async function killAfter({ project }: World, steps: number): Promise<void> {
  const done = new Set<unknown>();
  const run = project.start('apply', 'p', '--json');
  await run.until(({ event, step }) => {
    if (event === 'run.step_done') done.add(step);
    return done.size === steps;
  });
  run.kill('SIGKILL');
  const { signal } = await run.result;
  // After the last step, the run may end before the signal arrives.
  if (steps < stepCount) expect(signal).toBe('SIGKILL');
}

const undisturbed: { state?: Promise<EndState> } = {};

/** The end state of an undisturbed run, made once. */
function undisturbedState(): Promise<EndState> {
  undisturbed.state ??= inWorld(async (world) => {
    await planToFile(world);
    expect((await world.project.steep('apply', 'p')).code).toBe(0);
    return endState(world);
  });
  return undisturbed.state;
}

describe('killed after a step, apply continues', () => {
  test.concurrent.each(
    Array.from({ length: stepCount }, (_, index) => index + 1).filter(
      (step) => !isByDay || step % 4 === 1,
    ),
  )('step %i', (steps) =>
    inWorld(async (world) => {
      await planToFile(world);
      await killAfter(world, steps);
      const again = await world.project.steep('apply', 'p');
      expect(again.code, again.stderr).toBe(0);
      expect(await endState(world)).toEqual(await undisturbedState());
      expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
    }),
  );
});

describe('killed in the middle of a step, apply continues', () => {
  test('a slot creation that waits for an open transaction', async () => {
    const edge = await createEdge({ publisher: await cluster.privateServer(newestMajor) });
    await edge.project.steep('plan', '--out', 'p');
    const writer = await holdTransaction(edge.publisher, 'INSERT INTO items VALUES (0)');
    const run = edge.project.start('apply', 'p', '--json');
    await run.until(startOf(edgeSteps.createSlot(edge)));
    await waitForSlotCreation(edge.publisher);
    run.kill('SIGKILL');
    await run.result;
    await writer.commit();
    await expectToFinish(edge);
  });

  test('a wait for a copy that a lock holds up', async () => {
    const edge = await createEdge({ copy: 'native' });
    await edge.project.steep('plan', '--out', 'p');
    const lock = await holdTransaction(edge.subscriber, 'LOCK TABLE items IN SHARE MODE');
    const run = edge.project.start('apply', 'p', '--json');
    await run.until(startOf(edgeSteps.waitForCopy));
    run.kill('SIGKILL');
    await run.result;
    await lock.commit();
    await expectToFinish(edge);
  });
});

async function expectToFinish({ project, publisher, subscriber }: Edge): Promise<void> {
  const again = await project.steep('apply', 'p', '--wait-for-lock', '30s');
  expect(again.code, again.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, [items]);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
}
