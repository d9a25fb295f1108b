// A partition that is sent by itself, and is none on the publisher any more: the subscriber's table has its rows until it is
// detached there too. `auto` does that in its plan, else plan and drift say it, with the statement.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { firstByDay } from '../../support/servers/majors.ts';
import { installed, type MajorPair, type RowsWorld, rowsWorld } from '../rows/rows-world.ts';

const pairs = firstByDay(
  installed([
    [14, 18],
    [18, 14],
  ]),
);

const tables = `
  CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
  CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200) PARTITION BY RANGE (id);
  CREATE TABLE parts_2_1 PARTITION OF parts_2 FOR VALUES FROM (100) TO (150);
  CREATE TABLE parts_2_2 PARTITION OF parts_2 FOR VALUES FROM (150) TO (200);
  CREATE TABLE other (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE other_1 PARTITION OF other FOR VALUES FROM (1000) TO (2000)`;

const started = async (
  pair: MajorPair,
  schemaSync: string,
  publication: object = { tables: ['parts', 'other'] },
): Promise<RowsWorld> => {
  const world = await rowsWorld({
    pair,
    tables,
    rows: 'INSERT INTO parts SELECT n * 10 FROM generate_series(1, 19) n; INSERT INTO other VALUES (1000)',
    publication,
    subscription: { schema_sync: schemaSync },
  });
  await world.steep(0, 'apply', '--auto-approve');
  return world;
};

const same = (world: RowsWorld) =>
  waitForSameRows(world.publisher, world.subscriber, [
    { schema: 'public', name: 'parts' },
    { schema: 'public', name: 'other' },
  ]);

const rowsOf = ({ subscriber }: RowsWorld, table: string) =>
  subscriber.query(`SELECT count(*)::int AS count FROM ${table}`);

/** What has left, as the subscriber has it afterwards. */
const leaving = [
  ['is detached', 'ALTER TABLE parts DETACH PARTITION parts_1', 'parts_1', 9],
  ['is dropped', 'DROP TABLE parts_1', 'parts_1', 9],
  ['of a partition is detached', 'ALTER TABLE parts_2 DETACH PARTITION parts_2_2', 'parts_2_2', 5],
  [
    'gives its place to another one',
    `ALTER TABLE parts DETACH PARTITION parts_1;
     CREATE TABLE parts_new PARTITION OF parts FOR VALUES FROM (0) TO (100);
     INSERT INTO parts VALUES (7, 'new')`,
    'parts_1',
    9,
  ],
] as const;

test.each(pairs.flatMap((pair) => leaving.map((it) => [pair, ...it] as const)))(
  '%s: auto: a partition that %s',
  async (pair, _, ddl, partition, count) => {
    const world = await started(pair, 'auto');
    await world.publisher.query(ddl);
    const plan = await world.steep(0, 'plan');
    expect(plan).toContain(`partition public.${partition}`);
    expect(plan).not.toContain('STALE_ROWS_LEFT');
    await world.steep(0, 'apply', '--auto-approve');
    await same(world);
    expect(await rowsOf(world, partition)).toEqual([{ count }]);
    expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
  },
);

test.each(pairs)(
  '%s to %s: auto: a partition that is published by its own name too',
  async (...pair) => {
    const world = await started(pair, 'auto', { tables: ['parts', 'parts_1', 'other'] });
    await world.publisher.query(
      `ALTER TABLE parts DETACH PARTITION parts_1; INSERT INTO parts_1 VALUES (55)`,
    );
    expect(await world.steep(0, 'plan')).toContain('partition public.parts_1');
    await world.steep(0, 'apply', '--auto-approve');
    await same(world);
    await waitForSameRows(world.publisher, world.subscriber, [
      { schema: 'public', name: 'parts_1' },
    ]);
    expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
  },
);

test.each(pairs)('%s to %s: strict says it, with what mends it', async (...pair) => {
  const world = await started(pair, 'strict');
  await world.publisher.query('ALTER TABLE parts DETACH PARTITION parts_1');
  const said = /public\.parts_1 is no partition of public\.parts on node publisher any more/;
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/warning +STALE_ROWS_LEFT/);
  expect(plan.replaceAll(/\s+/g, ' ')).toMatch(said);
  const drift = await world.project.steep('drift', '--class', 'runtime', '--json');
  expect(drift.stdout).toMatch(said);
  const [cure = ''] = /ALTER TABLE [^;"]*;/.exec(drift.stdout) ?? [];
  expect(cure).toBe('ALTER TABLE public.parts DETACH PARTITION public.parts_1;');
  await world.subscriber.query(cure);
  await world.steep(0, 'apply', '--auto-approve');
  await same(world);
  expect(await rowsOf(world, 'parts_1')).toEqual([{ count: 9 }]);
  expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
});

test.each(pairs)('%s to %s: a partition that is renamed has not left', async (...pair) => {
  const world = await started(pair, 'strict');
  await world.publisher.query('ALTER TABLE parts_1 RENAME TO parts_one');
  expect((await world.project.steep('plan')).stdout).not.toContain('STALE_ROWS_LEFT');
});
