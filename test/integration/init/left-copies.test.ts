// An initial copy by steep that was killed, and a steep.yaml that has its subscription or its tables no more, or leaves
// its rows to a user: the plan says so, and init cancel removes everything that is left.

import { expect, test } from 'vitest';
import type { CliResult } from '../../support/cli.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createWorld, killed, names, tables, topologyOf, type World } from './interrupted-world.ts';

const cancel = ['init', 'cancel', 'subscriber'] as const;

const numberOf = async (
  { subscriber }: Pick<World, 'subscriber'>,
  expression: string,
): Promise<number> => {
  const [row] = await subscriber.query<{ readonly n: number }>(`SELECT (${expression})::int AS n`);
  return row?.n ?? -1;
};

const rowsOf = names.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ');

const keysOf = `SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE '%_pkey'`;

const recordsOf = [
  'copy_chunks',
  'copy_postponed',
  'copy_attempts',
  'joinable_copies',
  'joined_workers',
]
  .map((name) => `(SELECT count(*) FROM steep_repl.${name})`)
  .join(' + ');

const slotsOf = async ({ publisher }: Pick<World, 'publisher'>): Promise<readonly string[]> => {
  const rows = await publisher.query<{ readonly name: string }>(
    `SELECT slot_name::text AS name FROM pg_replication_slots WHERE database = current_database()
      UNION SELECT address FROM steep_repl.objects WHERE kind = 'slot' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
};

const leftOf = async (world: World) => ({
  rows: await numberOf(world, rowsOf),
  keys: await numberOf(world, keysOf),
  records: await numberOf(world, recordsOf),
  slots: await slotsOf(world),
});

const nothing = { rows: 0, keys: names.length, records: 0, slots: [] };

const succeeded = ({ code, stdout, stderr }: CliResult): void =>
  expect(code, stdout + stderr).toBe(0);

const refused = ({ code, stdout, stderr }: CliResult): void => {
  expect(code, stdout + stderr).toBe(3);
  expect(stdout).toMatch(/BLOCK +COPY_UNFINISHED/);
  expect(stdout).toContain(`steep ${cancel.join(' ')}`);
};

const synchronized = async (world: World, slot: string): Promise<void> => {
  await waitForSameRows(world.publisher, world.subscriber, tables);
  expect(await leftOf(world)).toEqual({
    rows: expect.any(Number),
    keys: names.length,
    records: 0,
    slots: [slot, `publisher/slot.${slot}`],
  });
};

const force = (name: string): readonly string[] => [
  'apply',
  '--auto-approve',
  '--force',
  `--allow-hazard=TARGET_TRUNCATE=subscriber/subscription.${name}`,
];

test('the same command again leaves no record of the copy that was killed', async () => {
  const world = await createWorld(newestMajor);
  await killed(world);
  expect(await world.subscriber.query('SELECT FROM steep_repl.joinable_copies')).toHaveLength(1);
  await world.subscriber.query(`INSERT INTO steep_repl.joined_workers (subscription, run_id, worker, lease)
    SELECT subscription, run_id, 'steep killed', 1 FROM steep_repl.joinable_copies`);
  succeeded(await world.project.steep('apply', '--auto-approve'));
  await synchronized(world, world.slot);
});

test('a subscription under another name does not fill what an unfinished copy covers', async () => {
  const world = await createWorld(newestMajor);
  const { project, slot } = world;
  await killed(world);
  const { publications, subscriptions } = topologyOf(slot);
  const second = `${slot}_2`;
  for (const init of [{ parallel_workers: 1 }, { copy: 'native' }, { method: 'none' }]) {
    const feed2 = { ...subscriptions.feed, slot: second, init };
    await project.describe({ publications, subscriptions: { feed2 } });
    refused(await project.steep(...force('feed2')));
    refused(await project.steep(...force('feed2'), '--prune'));
  }
  const feed2 = { ...subscriptions.feed, slot: second };
  await project.describe({ publications, subscriptions: { feed2 } });
  succeeded(await project.steep(...cancel, '--auto-approve'));
  expect(await leftOf(world)).toEqual(nothing);
  succeeded(await project.steep('apply', '--auto-approve'));
  await synchronized(world, second);
});

test('a subscription that has left steep.yaml is named, and its unfinished copy can be cancelled', async () => {
  const world = await createWorld(newestMajor);
  const { project, slot } = world;
  await killed(world);
  const { publications } = topologyOf(slot);
  await project.describe({ publications });
  const plan = await project.steep('plan');
  succeeded(plan);
  expect(plan.stdout).toMatch(/warning +COPY_UNFINISHED/);
  expect(plan.stdout).toContain('steep init cancel subscriber');
  expect(plan.stdout).toContain(slot);
  succeeded(await project.steep(...cancel, '--auto-approve'));
  expect(await leftOf(world)).toEqual(nothing);
  expect((await project.steep('plan')).stdout).not.toContain('COPY_UNFINISHED');
  expect((await project.steep(...cancel, '--auto-approve')).code).toBe(64);
});

test('a table that has left the publications is emptied by init cancel too', async () => {
  const world = await createWorld(newestMajor);
  const { project, slot } = world;
  await killed(world);
  const { subscriptions } = topologyOf(slot);
  const publications = { sales: { node: 'publisher', tables: ['refunds'] } };
  await project.describe({ publications, subscriptions });
  const plan = await project.steep(...cancel);
  for (const name of names) expect(plan.stdout).toContain(`public.${name}`);
  succeeded(await project.steep(...cancel, '--auto-approve'));
  expect(await leftOf(world)).toEqual(nothing);
});

test('init: manual does not continue on the slot of an unfinished copy', async () => {
  const world = await createWorld(newestMajor);
  const { project, slot, publisher, subscriber } = world;
  await killed(world);
  const { publications, subscriptions } = topologyOf(slot);
  const feed = { ...subscriptions.feed, init: { method: 'manual' } };
  await project.describe({ publications, subscriptions: { feed } });
  const edge = ['subscriber', '--from', 'publisher'];
  const plan = await project.steep('apply', '--auto-approve');
  refused(plan);
  expect(plan.stdout).not.toContain('init complete');
  const unproven = '--allow-hazard=COPY_SKIPPED_GAP=subscriber/subscription.feed';
  const complete = ['init', 'complete', ...edge, '--auto-approve', unproven];
  expect((await project.steep(...complete)).code).toBe(3);
  expect((await project.steep('init', 'prepare', ...edge, '--no-hold')).code).toBe(3);
  succeeded(await project.steep(...cancel, '--auto-approve'));
  expect(await leftOf(world)).toEqual(nothing);

  succeeded(await project.steep('apply', '--auto-approve'));
  succeeded(await project.steep('init', 'prepare', ...edge, '--no-hold'));
  for (const name of names) {
    const rows = await publisher.query<{ readonly row: string }>(
      `SELECT to_json(t)::text AS row FROM ${name} AS t`,
    );
    await subscriber.query(
      `INSERT INTO ${name} SELECT r.* FROM unnest($1::text[]) AS j, json_populate_record(NULL::${name}, j::json) AS r`,
      [rows.map(({ row }) => row)],
    );
  }
  await publisher.query(`INSERT INTO refunds VALUES (10000, 'later')`);
  succeeded(await project.steep(...complete));
  await synchronized(world, slot);
});
