// Rows of a snapshot alone, into nodes without a subscription yet; and the subscriptions that continue from them later.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  createWorld,
  done,
  kill,
  slotsOf,
  slowDown,
  tables,
  type World,
} from '../../support/worlds/two-phase.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const oldestMajor = Math.min(...majors);

const command = ({ project }: World, target: number): readonly string[] => [
  'snapshot',
  'apply',
  '--node',
  `target${target}`,
  '--input',
  project.path('snap'),
];

const load = (world: World, target: number, ...flags: readonly string[]) =>
  world.project.steep(...command(world, target), ...flags);

test('three targets from one snapshot, with the power lost twice on the way', async () => {
  const world = await createWorld(oldestMajor, [newestMajor, newestMajor, oldestMajor]);
  const { project, publisher, targets } = world;
  const [first, second, third] = targets;
  if (!first || !second || !third) throw new Error('three targets');
  const writer = await startWriter(
    publisher,
    (turn) =>
      `INSERT INTO items VALUES (${100_000 + turn}, 'new'); DELETE FROM lines WHERE id = ${turn}`,
  );
  await first.query('DROP TABLE lines, orders, items');
  const made = await load(world, 0, '--schema-sync', 'auto');
  expect(made.code, made.stderr).toBe(0);
  expect(made.stderr).toContain('Creates 3 tables as the manifest describes them.');
  expect(made.stdout).toMatch(/is in node target0: 3 tables\. This run loaded 60.0 k rows/);
  for (let turn = 0; turn < 2; turn += 1) {
    const speedUp = await slowDown(second);
    const run = project.start(...command(world, 1), '--schema-sync', 'manual');
    await waitFor('rows are on their way', async () => {
      const [row] = await second.query<{ active: boolean }>(
        `SELECT count(*) > 0 AS active FROM pg_stat_activity
          WHERE datname = current_database() AND query LIKE 'COPY%lines%' AND state = 'active'`,
      );
      return row?.active === true;
    });
    await kill(run, world);
    await speedUp();
  }
  const again = await load(world, 1);
  expect(again.code, again.stderr).toBe(0);
  expect((await load(world, 2)).code).toBe(0);
  const complete = await load(world, 2);
  expect(complete.stdout).toContain('This run loaded 0 rows');
  await done(project, 'apply', '--auto-approve');
  await writer.stop();
  for (const target of targets) await waitForSameRows(publisher, target, tables);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test('what differs, and what holds other rows, is refused; emptied only with consent', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const [target] = world.targets;
  if (!target) throw new Error('one target');
  await target.query('ALTER TABLE lines ADD COLUMN more int');
  const differs = await load(world, 0);
  expect(differs).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('tables differ from those of the snapshot: public.lines'),
  });
  expect((await load(world, 0, '--schema-sync', 'auto')).code).toBe(3);
  await target.query(`ALTER TABLE lines DROP COLUMN more; INSERT INTO lines VALUES (-1, 'mine')`);
  const filled = await load(world, 0);
  expect(filled.code).not.toBe(0);
  expect(filled.stderr).toMatch(/already have rows: public\.lines/);
  const asked = await load(world, 0, '--force', '--auto-approve');
  expect(asked).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('--allow-hazard TARGET_TRUNCATE=target0/node.target0'),
  });
  expect(await target.query('SELECT id FROM lines')).toEqual([{ id: -1 }]);
  const forced = await load(
    world,
    0,
    '--force',
    '--allow-hazard',
    'TARGET_TRUNCATE=target0/node.target0',
  );
  expect(forced.code, forced.stderr).toBe(0);
  await waitForSameRows(world.publisher, target, tables);
});

test('rows that changed after the load are loaded again before anybody follows', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const [target] = world.targets;
  if (!target) throw new Error('one target');
  expect((await load(world, 0)).code).toBe(0);
  await target.query(`DELETE FROM lines WHERE id = 7; UPDATE orders SET id = id WHERE id = 7`);
  const plan = await world.project.steep('plan');
  expect(plan.stdout).toMatch(
    /public\.lines\b.*initial copy from a snapshot, again: rows are missing/,
  );
  expect(plan.stdout).toMatch(/public\.orders\b.*, again: rows were inserted or updated/);
  await done(world.project, 'apply', '--auto-approve');
  await waitForSameRows(world.publisher, target, tables);
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test('rows alone: what changed after the load is refused, and emptied only with consent', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const [target] = world.targets;
  if (!target) throw new Error('one target');
  expect((await load(world, 0)).code).toBe(0);
  await target.query('DELETE FROM lines WHERE id = 7');
  const refused = await load(world, 0);
  expect(refused).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(
      'public.lines (rows are missing: 19999 rows instead of 20000)',
    ) as unknown,
  });
  expect(await target.query('SELECT count(*)::int AS n FROM lines')).toEqual([{ n: 19_999 }]);
  const allow = ['--allow-hazard', 'TARGET_TRUNCATE=target0/node.target0'];
  const forced = await load(world, 0, '--force', ...allow);
  expect(forced.code, forced.stderr).toBe(0);
  await waitForSameRows(world.publisher, target, tables);
});

test('Ctrl-C while a subscription continues from a load takes none of its rows', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const { project, publisher } = world;
  const [target] = world.targets;
  if (!target) throw new Error('one target');
  const speedUp = await slowDown(target);
  const alone = project.start(...command(world, 0), '--schema-sync', 'manual');
  await waitFor('two of the three tables are loaded', async () => (await loadedIn(target)) === 2);
  await kill(alone, world);
  const run = project.start('apply', '--auto-approve', '--wait-for-lock', '30s', '--json');
  await run.until(({ event, kind }) => event === 'run.step_progress' && kind === 'load-snapshot');
  run.kill('SIGINT');
  expect((await run.result).code).toBe(130);
  expect(await loadedIn(target)).toBe(2);
  expect(await target.query('SELECT count(*)::int AS rows FROM orders')).toEqual([
    { rows: 20_000 },
  ]);
  expect(await slotsOf(world)).toEqual([expect.stringMatching(/^steep_snapshot_/)]);
  await speedUp();
  await done(project, 'apply', '--auto-approve');
  await waitForSameRows(publisher, target, tables);
});

const loadedIn = async (target: TestDatabase): Promise<number> => {
  const [row] = await target.query<{ readonly loaded: number }>(
    'SELECT count(DISTINCT table_name)::int AS loaded FROM steep_repl.copy_chunks',
  );
  return row?.loaded ?? 0;
};
