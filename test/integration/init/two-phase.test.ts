// Nodes that are filled from a snapshot on storage: one snapshot for several, while an application writes, across
// majors; killed, interrupted and cancelled.

import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { CliEvent } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { isAtNight, newestMajor } from '../../support/servers/majors.ts';
import {
  createWorld,
  done,
  kill,
  names,
  slotsOf,
  slowDown,
  tables,
  type World,
} from '../../support/worlds/two-phase.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const write = (turn: number): string =>
  [
    `INSERT INTO items VALUES (${100_000 + turn}, 'new')`,
    `UPDATE orders SET amount = ${turn} WHERE id = ${1 + (turn % 20_000)}`,
    `DELETE FROM lines WHERE id = ${turn % 20_000}`,
  ].join('; ');

/** All rows are there, nothing is left to do, and the copy checkpoints are no longer needed. */
const assertFilled = async ({ project, publisher, targets }: World): Promise<void> => {
  for (const target of targets) {
    await waitForSameRows(publisher, target, tables);
    expect(await target.query('SELECT FROM steep_repl.copy_chunks')).toEqual([]);
    expect(await target.query('SELECT FROM steep_repl.copy_postponed')).toEqual([]);
    expect(await target.query('SELECT state FROM steep_repl.subscriptions_init')).toEqual([
      { state: 'synchronized' },
    ]);
    const [next] = await target.query<{ readonly id: number }>(
      `SELECT nextval('orders_id_seq')::int AS id`,
    );
    expect(next?.id).toBeGreaterThan(20_000);
  }
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

test('one snapshot fills nodes of other majors while an application writes', async () => {
  const world = await createWorld(14, [18, 16]);
  const { project, publisher } = world;
  const writer = await startWriter(publisher, write);
  await done(project, 'apply', '--auto-approve');
  await writer.stop();
  expect(writer.written()).toBeGreaterThan(0);
  await assertFilled(world);
});

test('failover and two_phase hold on the copied slot too', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const { project, publisher } = world;
  await world.describe(undefined, { options: { failover: true, two_phase: true } });
  await done(project, 'apply', '--auto-approve');
  await assertFilled(world);
  const slots = await publisher.query(
    `SELECT failover, two_phase FROM pg_replication_slots WHERE slot_name LIKE 'feed0%'`,
  );
  expect(slots).toEqual([{ failover: true, two_phase: true }]);
});

const isLoaded = ({ event }: CliEvent): boolean => event === 'init.table_complete';

/** Kills an apply as soon as a table of it is loaded; the slow one is not by then. */
const killedApply = async (world: World, ...args: readonly string[]): Promise<void> => {
  const run = world.project.start(
    'apply',
    '--auto-approve',
    '--wait-for-lock',
    '30s',
    '--json',
    ...args,
  );
  await run.until(isLoaded);
  await kill(run, world);
};

const loadedIn = async ({ targets }: World): Promise<readonly string[]> => {
  const [target] = targets;
  const rows = await target?.query<{ readonly name: string }>(
    'SELECT DISTINCT table_name AS name FROM steep_repl.copy_chunks ORDER BY 1',
  );
  return rows?.map(({ name }) => name) ?? [];
};

test('killed twice, the saved plan continues with what is there', async () => {
  const world = await createWorld(16, [17]);
  const { project, publisher, targets } = world;
  const [target] = targets;
  if (target === undefined) throw new Error('no target');
  const faster = await slowDown(target);
  await done(project, 'plan', '--out', 'saved.plan');
  const writer = await startWriter(publisher, write);
  await killedApply(world, 'saved.plan');
  const first = await loadedIn(world);
  expect(first.length).toBeGreaterThan(0);
  expect(first).not.toContain('lines');
  const again = project.start('apply', 'saved.plan', '--wait-for-lock', '30s', '--json');
  await again.until(({ event, kind }) => event === 'run.step_progress' && kind === 'load-snapshot');
  await kill(again, world);
  expect(await loadedIn(world)).toEqual(expect.arrayContaining([...first]));
  await faster();
  // As where the first kill came between the creation of the slot and the note of it.
  await target.query(`UPDATE steep_repl.copy_attempts
    SET (system_identifier, timeline, database, plugin, consistent_lsn, restart_lsn, catalog_xmin) = (NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
  await done(project, 'apply', 'saved.plan', '--wait-for-lock', '30s');
  await writer.stop();
  await assertFilled(world);
});

const nothingOf = async (world: World): Promise<void> => {
  const [target] = world.targets;
  expect(await slotsOf(world)).toEqual([expect.stringMatching(/^steep_snapshot_/)]);
  expect(await loadedIn(world)).toEqual([]);
  for (const name of names) {
    expect(await target?.query(`SELECT FROM ${name} LIMIT 1`), name).toEqual([]);
  }
  expect(await target?.query('SELECT state FROM steep_repl.subscriptions_init')).toEqual([
    { state: 'uninitialized' },
  ]);
  const owned = `SELECT address FROM steep_repl.objects WHERE kind IN ('slot', 'subscription')`;
  expect(await world.publisher.query(owned)).toEqual([]);
};

test('Ctrl-C rolls back rows and slot, and leaves the snapshot to the next run', async () => {
  const world = await createWorld(18, [18]);
  const { project, targets } = world;
  const [target] = targets;
  if (target === undefined) throw new Error('no target');
  const faster = await slowDown(target);
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(isLoaded);
  run.kill('SIGINT');
  expect((await run.result).code).toBe(130);
  await nothingOf(world);
  await faster();
  await done(project, 'apply', '--auto-approve');
  await assertFilled(world);
});

test.runIf(isAtNight)('init cancel rolls back what a killed run has left', async () => {
  const world = await createWorld(18, [18]);
  const { project, targets } = world;
  const [target] = targets;
  if (target === undefined) throw new Error('no target');
  const faster = await slowDown(target);
  await killedApply(world);
  await done(project, 'init', 'cancel', 'target0', '--auto-approve', '--wait-for-lock', '30s');
  await nothingOf(world);
  await faster();
  await done(project, 'apply', '--auto-approve');
  await assertFilled(world);
});

test.runIf(isAtNight)(
  'a method that is changed after a kill rolls back what was loaded',
  async () => {
    const world = await createWorld(18, [18]);
    const { project, targets, describe } = world;
    const [target] = targets;
    if (target === undefined) throw new Error('no target');
    const faster = await slowDown(target);
    await killedApply(world);
    await faster();
    await describe({ method: 'snapshot' });
    await done(project, 'apply', '--auto-approve', '--wait-for-lock', '30s');
    await assertFilled(world);
  },
);

test('snapshot apply fills the subscriptions of one node, whatever the file says of them', async () => {
  const world = await createWorld(18, [18, 18]);
  const { project, publisher, targets, describe } = world;
  await describe({ method: 'snapshot' });
  expect(await readdir(project.path('snap'))).toContain('manifest.json');
  const args = ['snapshot', 'apply', '--node', 'target1', '--input', 'snap'];
  const result = await done(
    project,
    ...args,
    '--create-subscription',
    '--jobs',
    '2',
    '--auto-approve',
  );
  expect(result.stdout).toContain('feed1');
  expect(result.stdout).not.toContain('feed0');
  const [, second] = targets;
  if (second === undefined) throw new Error('no target');
  await waitForSameRows(publisher, second, tables);
  const again = await done(project, ...args, '--create-subscription', '--auto-approve');
  expect(again.stdout).toMatch(/No changes/);
  const unknown = await project.steep(
    'snapshot',
    'apply',
    '--node',
    'tarot1',
    '--input',
    'snap',
    '--create-subscription',
  );
  expect(unknown.code).toBe(64);
  expect(unknown.stderr).toContain('target1');
});
