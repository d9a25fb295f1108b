// An initial copy that a user cancels, from another terminal or with Ctrl-C: nothing of it is left, and the next apply
// starts again.

import { expect, test } from 'vitest';
import type { CliEvent } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase, type TestServer } from '../../support/servers/cluster.ts';
import { isAtNight, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { inTerminal } from '../../support/worlds/terminal.ts';

interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
}

/** Two small tables, and one whose rows are so slow to write that its copy lasts for minutes. */
const createWorld = async (
  copy: 'native' | 'parallel',
  openServer: () => Promise<TestServer> = () => cluster.server(newestMajor),
): Promise<World> => {
  const server = await openServer();
  const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) {
    for (const name of names) {
      await database.query(`CREATE TABLE ${name} (id int PRIMARY KEY, note text NOT NULL)`);
      await database.query(`CREATE INDEX ON ${name} (note)`);
    }
  }
  for (const name of names) {
    await publisher.query(`INSERT INTO ${name} SELECT n, 'note' FROM generate_series(1, 3000) n`);
  }
  await subscriber.query(`
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_catalog.pg_sleep(0.1); RETURN NEW; END $$;
    CREATE TRIGGER slow BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION slowly();
    ALTER TABLE slow ENABLE ALWAYS TRIGGER slow`);
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    {
      publications: { all_of_it: { node: 'publisher', tables: names } },
      subscriptions: {
        feed: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['all_of_it'],
          slot: `feed_${publisher.name}`,
          init: { copy },
        },
      },
      policy: { allow_hazards: ['REPLICA_TRIGGERS'] },
    },
  );
  return { project, publisher, subscriber };
};

const names = ['first', 'second', 'slow'];

const startOf =
  (kind: string) =>
  ({ event, kind: found }: CliEvent): boolean =>
    event === 'run.step_started' && found === kind;

const faster = ({ subscriber }: World) => subscriber.query('DROP TRIGGER slow ON slow');

const left = async ({ publisher, subscriber }: World) => ({
  slots: await publisher.query(
    'SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database()',
  ),
  owned: await publisher.query(
    `SELECT address FROM steep_repl.objects WHERE kind IN ('slot', 'subscription')`,
  ),
  subscriptions: await subscriber.query(
    `SELECT subname FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
      WHERE d.datname = current_database()`,
  ),
  indexes: await subscriber.query(
    `SELECT count(*)::int AS n FROM pg_indexes WHERE schemaname = 'public'`,
  ),
});

const rowsIn = async ({ subscriber }: World, name: string): Promise<number> => {
  const [row] = await subscriber.query<{ readonly n: number }>(
    `SELECT count(*)::int AS n FROM ${name}`,
  );
  return row?.n ?? -1;
};

const statesOf = ({ subscriber }: World) =>
  subscriber.query('SELECT subscription, state FROM steep_repl.subscriptions_init');

const nothing = { slots: [], owned: [], subscriptions: [], indexes: [{ n: 6 }] };

const assertBeginsAnew = async (world: World): Promise<void> => {
  await faster(world);
  const again = await world.project.steep('init', 'auto', 'subscriber', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(
    world.publisher,
    world.subscriber,
    names.map((name) => ({ schema: 'public', name })),
  );
  expect((await world.project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

test('init cancel ends a copy by steep within half a minute, and nothing is left', async () => {
  const world = await createWorld('parallel');
  const run = world.project.start('apply', '--auto-approve', '--json');
  await run.until(startOf('copy-tables'));
  const before = performance.now();
  const cancel = await world.project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect(cancel.code, cancel.stdout + cancel.stderr).toBe(0);
  expect(performance.now() - before).toBeLessThan(30_000);
  const { stdout } = await run.result;
  expect(stdout).toContain('INIT_CANCELLED');
  expect(await left(world)).toEqual(nothing);
  for (const name of names) expect(await rowsIn(world, name), name).toBe(0);
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'uninitialized' }]);
  await assertBeginsAnew(world);
});

test('steep watch cancels the copy of another run, and shows what is removed', async () => {
  const world = await createWorld('parallel');
  const run = world.project.start('apply', '--auto-approve', '--json');
  await run.until(startOf('copy-tables'));
  const watch = inTerminal(world.project, 'watch');
  await watch.shows(/subscriber .* copying/);
  watch.type('2');
  await watch.shows(/> feed +publisher -> subscriber/);
  watch.type('C');
  const asked = await watch.shows('Apply this plan? Only "yes" is accepted: _');
  expect(asked).toContain('Cancel the initialization of subscriber/feed');
  expect(asked).toContain('What it has created is removed');
  watch.type('yes\r');
  const shown = await watch.shows(/^(Applied|Nothing to do|There is nothing)/m);
  expect((await run.result).stdout).toContain('INIT_CANCELLED');
  expect(await left(world), shown).toEqual(nothing);
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'uninitialized' }]);
  watch.type('\u001b');
  await watch.shows(/feed +publisher -> subscriber/);
  watch.type('q');
  expect(await watch.end()).toContain('code=0');
});

test('a copy by steep that is followed already is rolled back with all of its rows', async () => {
  const world = await createWorld('parallel');
  await faster(world);
  expect((await world.project.steep('apply', '--auto-approve')).code).toBe(0);
  await world.subscriber.query(`UPDATE steep_repl.subscriptions_init SET state = 'catching_up'`);
  const cancel = await world.project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect(cancel.code, cancel.stdout + cancel.stderr).toBe(0);
  expect(await left(world)).toEqual(nothing);
  for (const name of names) expect(await rowsIn(world, name), name).toBe(0);
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'uninitialized' }]);
  const again = await world.project.steep('init', 'auto', 'subscriber', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
});

test.runIf(isAtNight)('Ctrl-C rolls back what is copied', async () => {
  const world = await createWorld('parallel');
  const run = world.project.start('apply', '--auto-approve', '--json');
  await run.until(startOf('copy-tables'));
  run.kill('SIGINT');
  expect((await run.result).code).toBe(130);
  expect(await left(world)).toEqual(nothing);
  for (const name of names) expect(await rowsIn(world, name), name).toBe(0);
  await assertBeginsAnew(world);
});

test('init cancel ends a run that waits for its slot behind an open transaction', async () => {
  const world = await createWorld('parallel', () => cluster.privateServer(newestMajor));
  const held = await holdTransaction(world.publisher, `UPDATE first SET note = 'held'`);
  const run = world.project.start('apply', '--auto-approve', '--json');
  await run.until(({ message }) => String(message).includes('waits for pid'));
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'preparing' }]);
  const cancel = await world.project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  const { stdout } = await run.result;
  await held.commit();
  expect(cancel.code, cancel.stdout + cancel.stderr).toBe(0);
  expect(stdout).toContain('INIT_CANCELLED');
  expect(await left(world)).toEqual(nothing);
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'uninitialized' }]);
  await assertBeginsAnew(world);
});

test('what a run that was killed has left is rolled back by init cancel', async () => {
  const world = await createWorld('parallel');
  const run = world.project.start('apply', '--auto-approve', '--json');
  await run.until(startOf('copy-tables'));
  run.kill('SIGKILL');
  await run.result;
  const cancel = await world.project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect(cancel.code, cancel.stdout + cancel.stderr).toBe(0);
  expect(await left(world)).toEqual(nothing);
  for (const name of names) expect(await rowsIn(world, name), name).toBe(0);
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'uninitialized' }]);
  const again = await world.project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('No changes')]);
  await assertBeginsAnew(world);
});

test('a copy by PostgreSQL ends too; its rows stay, and the plan says so', async () => {
  const world = await createWorld('native');
  const run = world.project.start('apply', '--auto-approve', '--json');
  await run.until(startOf('wait-for-copy'));
  const asked = await world.project.steep('init', 'cancel', 'subscriber');
  expect(asked.code).toBe(64);
  expect(asked.stdout).toContain('COPY_CANCELLED');
  const cancel = await world.project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect(cancel.code, cancel.stdout + cancel.stderr).toBe(0);
  expect((await run.result).stdout).toContain('INIT_CANCELLED');
  expect(await left(world)).toEqual(nothing);
  expect(await rowsIn(world, 'slow')).toBe(0);
  expect(await statesOf(world)).toEqual([{ subscription: 'feed', state: 'uninitialized' }]);
  expect(await world.subscriber.query('SELECT phase FROM steep_repl.init_progress')).toEqual([
    { phase: 'cancelled' },
  ]);
  await world.subscriber.query(`TRUNCATE ${names.join(', ')}`);
  await assertBeginsAnew(world);
});

test('without a copy under way nothing is done; what the file does not have is wrong usage', async () => {
  const world = await createWorld('native');
  const { project } = world;
  const idle = await project.steep('init', 'cancel', 'subscriber', '--auto-approve');
  expect([idle.code, idle.stdout]).toEqual([0, expect.stringContaining('No changes')]);
  expect((await project.steep('init', 'cancel', 'nowhere')).code).toBe(64);
  expect((await project.steep('init', 'cancel', 'publisher')).code).toBe(64);
  expect((await project.steep('init', 'reset', 'subscriber')).code).toBe(64);
  const unknown = ['init', 'reset', 'subscriber', '--tables', 'nothing', '--auto-approve'];
  expect((await project.steep(...unknown)).code).toBe(64);
  expect((await project.steep('init', 'status', 'subscriber', '--json')).stdout).toContain(
    '"edges"',
  );
});
