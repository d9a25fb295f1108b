// The flags of the specification, on one subscriber of two sources: --from, --workers, --schema-sync and --schema; and what
// is told of schemas that differ: in the stream of events, and in the log of a plan.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventsOf } from '../../support/event-lines.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { createProject } from '../../support/worlds/project.ts';

const createWorld = async () => {
  const server = await cluster.server(18);
  const [east, west, hub] = [
    await server.createDatabase(),
    await server.createDatabase(),
    await server.createDatabase(),
  ];
  onTestFinished(async () => {
    for (const database of [hub, east, west]) await database.drop();
  });
  for (const [source, name] of [
    [east, 'east'],
    [west, 'west'],
  ] as const) {
    await source.query(`
      CREATE SCHEMA ${name}; CREATE SCHEMA billing_${name};
      CREATE TABLE ${name}.orders (id int PRIMARY KEY, note text);
      CREATE TABLE billing_${name}.bills (id int PRIMARY KEY, note text);
      INSERT INTO ${name}.orders SELECT n, 'o' FROM generate_series(1, 50) n;
      INSERT INTO billing_${name}.bills SELECT n, 'b' FROM generate_series(1, 50) n`);
  }
  const publication = (name: string) => ({
    node: name,
    tables: [`${name}.orders`, `billing_${name}.bills`],
  });
  const subscription = (name: string, slot: string) => ({
    node: 'hub',
    source: name,
    publications: [`of_${name}`],
    slot: `${slot}_${name}`,
  });
  const project = await createProject(
    { east: east.url, west: west.url, hub: hub.url },
    {
      publications: { of_east: publication('east'), of_west: publication('west') },
      subscriptions: {
        from_east: subscription('east', hub.name),
        from_west: subscription('west', hub.name),
      },
    },
  );
  const count = async (table: string): Promise<number> => {
    const [row] = await hub.query<{ readonly n: number }>(
      `SELECT count(*)::int AS n FROM ${table}`,
    );
    return row?.n ?? -1;
  };
  return { project, hub, count };
};

test('a node is filled from one source, with workers and a mode of the command line', async () => {
  const { project, hub, count } = await createWorld();

  await project.steep('plan', '--log-file', 'plan.log');
  const logged = (await readFile(project.path('plan.log'), 'utf8')).split('\n').filter(Boolean);
  const told = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told.filter(({ event }) => event === 'schema.mismatch_detected')).toMatchObject([
    { node_id: 'hub', subscription: 'from_east', resolution: 'blocked', run_id: null },
    { node_id: 'hub', subscription: 'from_west', resolution: 'blocked', level: 'warn' },
  ]);

  const auto = ['init', 'auto', 'hub', '--from', 'east', '--auto-approve', '--json'];
  const refused = await project.steep(...auto);
  expect(refused.code, refused.stderr).toBe(3);
  expect(eventsOf(refused)).toMatchObject([
    { event: 'schema.mismatch_detected', subscription: 'from_east', resolution: 'blocked' },
  ]);

  const filled = await project.steep(...auto, '--schema-sync', 'auto', '--workers', '2');
  expect(filled.code, filled.stdout + filled.stderr).toBe(0);
  const events = eventsOf(filled);
  expect(events[0]).toMatchObject({
    event: 'schema.mismatch_detected',
    node_id: 'hub',
    subscription: null,
    resolution: 'planned',
    message: expect.stringContaining('table east.orders differs from what is published'),
  });
  const applied = events.filter(({ event }) => event === 'schema.sync_applied');
  const objects = applied.map((event) => (event as unknown as { readonly object: string }).object);
  expect(objects).toEqual(
    expect.arrayContaining(['schema east', 'table east.orders', 'table billing_east.bills']),
  );
  const workers = events
    .filter(({ event }) => event === 'init.progress')
    .map((event) => (event as unknown as { readonly workers: number }).workers);
  expect(Math.max(...workers)).toBeLessThanOrEqual(2);
  // Nothing came from the other source.
  expect(
    await hub.query(
      'SELECT subname::text FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())',
    ),
  ).toEqual([{ subname: 'from_east' }]);
  expect([await count('east.orders'), await count('billing_east.bills')]).toEqual([50, 50]);

  // One schema is copied again; the other tables keep what they have.
  await hub.query(
    `UPDATE east.orders SET note = 'kept'; DELETE FROM billing_east.bills WHERE id > 10`,
  );
  const consent = ['--allow-hazard', 'TARGET_TRUNCATE=hub/subscription.from_east'];
  const reset = [
    'init',
    'reset',
    'hub',
    '--from',
    'east',
    '--schema',
    'billing_east',
    '--auto-approve',
  ];
  const again = await project.steep(...reset, ...consent);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(await count('billing_east.bills')).toBe(50);
  expect(await count(`east.orders WHERE note = 'kept'`)).toBe(50);
}, 120_000);
