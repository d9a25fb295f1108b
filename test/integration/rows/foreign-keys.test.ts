// Foreign keys of the subscriber, and TRUNCATE: what replication does not do there, and what stops it.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { installed, rowsWorld } from './rows-world.ts';

const oldAndNew = installed([
  [14, 18],
  [18, 18],
]);

test.each(oldAndNew)(
  '%s to %s: a table of the subscriber refers to a replicated one',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `
      CREATE TABLE items (id int PRIMARY KEY, note text);
      CREATE TABLE parts (id int PRIMARY KEY, item int REFERENCES items ON DELETE CASCADE)`,
      rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
      publication: { tables: ['items'] },
    });
    const { publisher, subscriber, project } = world;
    const plan = await world.steep(0, 'plan');
    expect(plan).toMatch(/warning +CASCADE_NOT_FIRED .*public\.parts to public\.items/);
    expect(plan).toMatch(/warning +TRUNCATE_BLOCKED .*public\.parts to public\.items/);
    await world.steep(0, 'apply', '--auto-approve');
    // What it warns of.
    await subscriber.query('INSERT INTO parts VALUES (1, 5), (2, 6)');
    await publisher.query('DELETE FROM items WHERE id = 5');
    await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 'items' }]);
    expect(await subscriber.query('SELECT id FROM parts ORDER BY id')).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
    // The cure: both tables, and the publisher cascades.
    await subscriber.query('DELETE FROM parts');
    const file = await project.read('steep.yaml');
    await project.write('steep.yaml', file.replace('- items\n', '- items\n      - parts\n'));
    expect(await world.steep(0, 'plan')).not.toMatch(/CASCADE_NOT_FIRED|TRUNCATE_BLOCKED/);
    await world.steep(0, 'apply', '--auto-approve');
    await publisher.query(
      'INSERT INTO parts VALUES (3, 7), (4, 8); DELETE FROM items WHERE id = 7',
    );
    const both = ['items', 'parts'].map((name) => ({ schema: 'public', name }));
    await waitForSameRows(publisher, subscriber, both);
    await publisher.query('TRUNCATE items CASCADE');
    await waitForSameRows(publisher, subscriber, both);
  },
);

test.each(oldAndNew)(
  '%s to %s: a replicated table refers to one that no subscription fills',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `
      CREATE TABLE items (id int PRIMARY KEY);
      CREATE TABLE parts (id int PRIMARY KEY, item int REFERENCES items)`,
      rows: 'INSERT INTO items VALUES (5); INSERT INTO parts VALUES (1, 5)',
      publication: { tables: ['parts'] },
    });
    const { subscriber, project } = world;
    expect(await world.steep(0, 'plan')).toMatch(
      /warning +REFERENCED_NOT_SENT .*public\.parts to public\.items/,
    );
    await world.steep(0, 'apply', '--auto-approve');
    // What it warns of.
    expect(
      await subscriber.query('SELECT item FROM parts WHERE item NOT IN (SELECT id FROM items)'),
    ).toEqual([{ item: 5 }]);
    const file = await project.read('steep.yaml');
    await project.write('steep.yaml', file.replace('- parts\n', '- parts\n      - items\n'));
    expect(await world.steep(0, 'plan')).not.toContain('REFERENCED_NOT_SENT');
  },
);

test.each(oldAndNew)(
  '%s to %s: TRUNCATE of a partition, and of a table with a sequence',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `
      CREATE TABLE items (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (100);
      CREATE TABLE counted (id serial PRIMARY KEY)`,
      rows: 'INSERT INTO items VALUES (1); INSERT INTO counted DEFAULT VALUES',
      publication: { tables: ['items', 'counted'], publish_via_partition_root: true },
    });
    const { publisher, subscriber } = world;
    const plan = await world.steep(0, 'plan');
    expect(plan).toMatch(
      /warning +TRUNCATE_PROPAGATES .*RESTART IDENTITY its sequences start again/,
    );
    expect(plan).toContain('a TRUNCATE of one partition of public.items is not sent');
    await world.steep(0, 'apply', '--auto-approve');
    await subscriber.query(`SELECT setval('counted_id_seq', 500)`);
    await publisher.query('TRUNCATE items_1');
    await publisher.query('TRUNCATE counted RESTART IDENTITY');
    await waitFor('the other TRUNCATE', async () => {
      const rows = await subscriber.query('SELECT FROM counted');
      return rows.length === 0;
    });
    expect(await subscriber.query('SELECT id FROM items')).toEqual([{ id: 1 }]);
    expect(await subscriber.query(`SELECT nextval('counted_id_seq')::int AS next`)).toEqual([
      { next: 1 },
    ]);
  },
);
