// Rows that PostgreSQL never sends, and that no server misses: after a table, a partition or a slot was replaced on the
// publisher. What steep noted at the last apply shows it, in plan, apply, status and drift; the printed cure brings the rows.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { firstByDay } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  countersBegun,
  countersNoted,
  cureAsPrinted,
  expectSaid,
  expectWell,
  installed,
  type RowsWorld,
  rowsWorld,
} from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

test.each(
  firstByDay(
    installed([
      [15, 18],
      [18, 18],
    ]),
  ),
)(
  '%s to %s: another table that takes the place of a copied one in a published schema',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: 'CREATE SCHEMA staging; CREATE TABLE items (id int PRIMARY KEY, note text)',
      rows: `INSERT INTO items SELECT n, 'first' FROM generate_series(1, 10) n`,
      publication: { schemas: ['public'] },
    });
    await world.steep(0, 'apply', '--auto-approve');
    await world.publisher.query(`
      CREATE TABLE staging.items (id int PRIMARY KEY, note text);
      INSERT INTO staging.items SELECT n, 'second' FROM generate_series(1, 20) n;
      DROP TABLE public.items;
      ALTER TABLE staging.items SET SCHEMA public`);
    const plan = await expectSaid(
      world,
      'TABLE_REPLACED',
      /public\.items on node publisher is another table/,
    );
    await cureAsPrinted(world, plan);
    await waitForSameRows(world.publisher, world.subscriber, items);
    await expectWell(world);
  },
);

const partitioned = `
  CREATE TABLE items (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (100)`;

/** The subscriber has one table. */
const viaRoot = async (pair: Parameters<typeof rowsWorld>[0]['pair']): Promise<RowsWorld> => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE SCHEMA staging',
    publication: { tables: ['items'], publish_via_partition_root: true },
  });
  await world.publisher.query(partitioned);
  await world.publisher.query('INSERT INTO items SELECT n FROM generate_series(1, 10) n');
  await world.subscriber.query('CREATE TABLE items (id int PRIMARY KEY, note text)');
  await world.steep(0, 'apply', '--auto-approve');
  return world;
};

test.each(
  firstByDay(
    installed([
      [14, 18],
      [18, 18],
    ]),
  ),
)('%s to %s: a partition that is attached with rows; others are no concern', async (...pair) => {
  const world = await viaRoot(pair);
  await world.publisher.query(`
      CREATE TABLE items_2 PARTITION OF items FOR VALUES FROM (100) TO (200);
      CREATE TABLE items_3 (LIKE items INCLUDING ALL);
      ALTER TABLE items ATTACH PARTITION items_3 FOR VALUES FROM (200) TO (300)`);
  await world.publisher.query('INSERT INTO items VALUES (101), (201)');
  expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
  await world.steep(0, 'apply', '--auto-approve');
  await world.publisher.query(`
      CREATE TABLE items_4 (LIKE items INCLUDING ALL);
      INSERT INTO items_4 SELECT n FROM generate_series(300, 320) n`);
  await world.publisher.query(
    'ALTER TABLE items ATTACH PARTITION items_4 FOR VALUES FROM (300) TO (400)',
  );
  await world.publisher.query('INSERT INTO items VALUES (399)');
  // Created, filled and attached by one transaction.
  await world.publisher.query(`
      CREATE TABLE items_5 (LIKE items INCLUDING ALL);
      INSERT INTO items_5 SELECT n FROM generate_series(400, 420) n;
      ALTER TABLE items ATTACH PARTITION items_5 FOR VALUES FROM (400) TO (500)`);
  const plan = await expectSaid(
    world,
    'PARTITION_ATTACHED',
    /public\.items_4, public\.items_5 became 2 partitions of public\.items/,
  );
  await cureAsPrinted(world, plan);
  await waitForSameRows(world.publisher, world.subscriber, items);
  await expectWell(world);
});

test.each(
  firstByDay(
    installed([
      [14, 18],
      [18, 18],
    ]),
  ),
)('%s to %s: partitions that come back, and a subtree that comes with rows', async (...pair) => {
  const world = await viaRoot(pair);
  await world.publisher.query(`
      CREATE TABLE items_2 (LIKE items INCLUDING ALL) PARTITION BY RANGE (id);
      CREATE TABLE items_2_1 PARTITION OF items_2 FOR VALUES FROM (100) TO (150);
      INSERT INTO items_2 SELECT n FROM generate_series(100, 120) n`);
  await world.publisher.query(
    'ALTER TABLE items ATTACH PARTITION items_2 FOR VALUES FROM (100) TO (200)',
  );
  const attached = /public\.items_2_1 became 1 partition of public\.items/;
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(attached);
  await cureAsPrinted(world, plan);
  const comeBack = async (name: string, bounds: string) => {
    await world.publisher.query(`ALTER TABLE items DETACH PARTITION ${name}`);
    await world.publisher.query(`UPDATE ${name} SET note = 'unsent'`);
    await world.publisher.query(`ALTER TABLE items ATTACH PARTITION ${name} ${bounds}`);
  };
  await comeBack('items_1', 'FOR VALUES FROM (0) TO (100)');
  await comeBack('items_2', 'FOR VALUES FROM (100) TO (200)');
  const returned =
    /public\.items_1, public\.items_2_1 were detached from public\.items on node publisher, and attached again/;
  await expectSaid(world, 'PARTITION_ATTACHED', returned);
  // It stays on record.
  const still = await world.steep(0, 'plan');
  expect(still).toMatch(returned);
  await cureAsPrinted(world, still);
  await waitForSameRows(world.publisher, world.subscriber, items);
  await expectWell(world);
});

test('partitions that are published through their root come back', async () => {
  const [pair = [18, 18] as const] = installed([
    [18, 18],
    [14, 14],
  ]);
  const world = await rowsWorld({
    pair,
    tables: partitioned,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
  });
  await world.steep(0, 'apply', '--auto-approve');
  await world.publisher.query('ALTER TABLE items DETACH PARTITION items_1');
  await world.publisher.query(`UPDATE items_1 SET note = 'unsent'`);
  await world.publisher.query(
    'ALTER TABLE items ATTACH PARTITION items_1 FOR VALUES FROM (0) TO (100)',
  );
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/DANGER +PARTITION_ATTACHED +public\.items_1 was detached/);
  await cureAsPrinted(world, plan);
  await waitForSameRows(world.publisher, world.subscriber, items);
});

test.each(
  firstByDay(
    installed([
      [14, 18],
      [18, 18],
    ]),
  ),
)('%s to %s: a partition that is detached leaves its rows on the subscriber', async (...pair) => {
  const world = await viaRoot(pair);
  await world.publisher.query('ALTER TABLE items DETACH PARTITION items_1');
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/warning +STALE_ROWS_LEFT/);
  expect(plan).toMatch(
    /public\.items_1 is no partition of public\.items on node publisher any more/,
  );
  const drift = await world.project.steep('drift', '--class', 'runtime');
  expect(drift.stdout).toContain('STALE_ROWS_LEFT');
  await cureAsPrinted(world, drift.stdout);
  await waitForSameRows(world.publisher, world.subscriber, items);
  await expectWell(world);
});

test.each(
  firstByDay(
    installed([
      [14, 18],
      [18, 18],
    ]),
  ),
)('%s to %s: a slot that is dropped and created again', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
  });
  const { publisher, subscriber, slot } = world;
  await world.steep(0, 'apply', '--auto-approve');
  for (let n = 11; n <= 30; n++) await publisher.query(`INSERT INTO items VALUES (${n})`);
  await waitForSameRows(publisher, subscriber, items);
  await countersNoted(world);
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await waitFor('the slot to be free', async () => {
    const [found] = await publisher.query<{ readonly active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = '${slot}'`,
    );
    return found?.active === false;
  });
  await publisher.query(`SELECT pg_drop_replication_slot('${slot}')`);
  await publisher.query('INSERT INTO items VALUES (1001)');
  await publisher.query(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
  await subscriber.query('ALTER SUBSCRIPTION items ENABLE');
  await publisher.query('INSERT INTO items VALUES (1002)');
  await waitFor('what comes after', async () => {
    const rows = await subscriber.query('SELECT FROM items WHERE id = 1002');
    return rows.length === 1;
  });
  await countersBegun(world);
  const plan = await expectSaid(
    world,
    'SLOT_REPLACED',
    /was dropped and created again since the last apply/,
  );
  await cureAsPrinted(world, plan);
  await waitForSameRows(publisher, subscriber, items);
  await expectWell(world);
});
