// Tables and partitions of which PostgreSQL sends nothing, or sent nothing for a while, without an error: UNLOGGED ones and
// foreign ones.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { endsByDay, firstByDay } from '../../support/servers/majors.ts';
import { cureAsPrinted, expectSaid, expectWell, installed, rowsWorld } from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

const oldAndNew = installed([
  [14, 18],
  [18, 18],
]);

const partitioned = `
  CREATE TABLE items (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE few PARTITION OF items FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
  CREATE TABLE many PARTITION OF items FOR VALUES FROM (10) TO (1000)`;

test.each(firstByDay(oldAndNew))(
  '%s to %s: an unlogged partition, below a partition',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `${partitioned}; CREATE UNLOGGED TABLE fewest PARTITION OF few FOR VALUES FROM (0) TO (5)`,
      rows: `INSERT INTO items VALUES (1, 'unlogged'), (20, 'logged')`,
      publication: { tables: ['items'] },
    });
    const { publisher, subscriber, steep } = world;
    expect(await steep(0, 'plan')).toMatch(/BLOCK +UNLOGGED_PARTITION /);
    await steep(3, 'apply', '--auto-approve');
    expect(await subscriber.query('SELECT FROM items')).toEqual([]);
    for (const database of [publisher, subscriber])
      await database.query('ALTER TABLE public.fewest SET LOGGED;');
    await steep(0, 'apply', '--auto-approve');
    await publisher.query(`INSERT INTO items VALUES (2, 'logged now')`);
    await waitForSameRows(publisher, subscriber, items);
    // Neither of these is a gap.
    await publisher.query('VACUUM FULL few, fewest');
    await publisher.query(`BEGIN; TRUNCATE many; INSERT INTO many VALUES (20, 'again'); COMMIT`);
    await expectWell(world);
    await publisher.query('ALTER TABLE fewest SET UNLOGGED');
    await publisher.query(`INSERT INTO items VALUES (3, 'unlogged again')`);
    const said = /public\.fewest on node publisher is UNLOGGED/;
    expect((await world.project.steep('status')).stdout).toMatch(said);
    expect(await steep(3, 'apply', '--auto-approve')).toMatch(/BLOCK +UNLOGGED_PARTITION /);
    await publisher.query('ALTER TABLE fewest SET LOGGED');
    const either = /public\.fewest (on node publisher is UNLOGGED|was not published)/;
    const plan = await expectSaid(world, 'PUBLICATION_REPLACED', either);
    await cureAsPrinted(world, plan);
    await waitForSameRows(publisher, subscriber, items);
    await expectWell(world);
  },
);

test.each(
  endsByDay(
    installed([
      [15, 18],
      [18, 18],
    ]),
  ),
)('%s to %s: a table of a published schema that was UNLOGGED for a while', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `CREATE TABLE items (id int PRIMARY KEY, note text);
      CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000)`,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { schemas: ['public'], publish_via_partition_root: true },
  });
  const { publisher, subscriber } = world;
  await world.steep(0, 'apply', '--auto-approve');
  for (const table of ['items', 'parts_1']) {
    await publisher.query(`ALTER TABLE ${table} SET UNLOGGED`);
    await publisher.query(`INSERT INTO ${table} VALUES (101)`);
    await publisher.query(`ALTER TABLE ${table} SET LOGGED`);
  }
  // status has the reason of the first, and the commands of both.
  const plan = await expectSaid(world, 'PUBLICATION_REPLACED', /public\.parts/);
  expect(plan).toMatch(/public\.parts_1 on node publisher is UNLOGGED or foreign, or was UNLOGGED/);
  expect(plan).toMatch(/public\.items on node publisher is UNLOGGED or foreign, or was UNLOGGED/);
  const again = 'steep apply --reinit subscriber/subscription.items';
  await cureAsPrinted(world, again);
  await waitForSameRows(publisher, subscriber, [...items, { schema: 'public', name: 'parts' }]);
  await expectWell(world);
});

const wrapper = `CREATE FOREIGN DATA WRAPPER none; CREATE SERVER elsewhere FOREIGN DATA WRAPPER none;
  CREATE FOREIGN TABLE away PARTITION OF few FOR VALUES FROM (0) TO (5) SERVER elsewhere`;

test.each(endsByDay(oldAndNew))('%s to %s: a foreign partition, of either end', async (...pair) => {
  const world = await rowsWorld({
    pair,
    // PostgreSQL has no unique keys with foreign partitions.
    tables: `${partitioned.replace(' PRIMARY KEY', '')}; CREATE TABLE fewer PARTITION OF few DEFAULT`,
    rows: `INSERT INTO items VALUES (7, 'kept'), (20, 'kept')`,
    publication: { tables: ['items'], publish: ['insert'], publish_via_partition_root: true },
  });
  const { publisher, subscriber, steep } = world;
  await subscriber.query(wrapper.replaceAll('none', `${subscriber.name}_none`));
  expect(await steep(0, 'plan')).toMatch(
    /BLOCK +SCHEMA_MISMATCH .*public\.items has the foreign table public\.away as a partition/s,
  );
  await steep(3, 'apply', '--auto-approve');
  await subscriber.query('DROP FOREIGN TABLE away');
  await publisher.query(wrapper.replaceAll('none', `${publisher.name}_none`));
  expect(await steep(0, 'plan')).toMatch(/BLOCK +FOREIGN_PARTITION .*public\.away/s);
  await steep(3, 'apply', '--auto-approve');
  await publisher.query('DROP FOREIGN TABLE away');
  await steep(0, 'apply', '--auto-approve');
  await publisher.query(
    'CREATE FOREIGN TABLE away PARTITION OF few FOR VALUES FROM (0) TO (5) SERVER elsewhere',
  );
  const either = /public\.(away on node publisher is UNLOGGED or foreign|items was not published)/;
  await expectSaid(world, 'PUBLICATION_REPLACED', either);
});
