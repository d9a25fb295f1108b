// What a plan foretells of row filters, sequences, identities and rows that ALTER TABLE has written again.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { cureAsPrinted, installed, rowsWorld } from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];
const oldAndNew = installed([
  [14, 18],
  [18, 18],
]);

test.each(
  installed([
    [15, 18],
    [18, 18],
  ]),
)('%s to %s: a row filter that PostgreSQL refuses', async (...pair) => {
  const where = 'at > now()';
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, at timestamptz)',
    publication: { tables: [{ name: 'items', where }], publish: ['insert'] },
  });
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +FILTER_NOT_IMMUTABLE /);
  await world.steep(3, 'apply', '--auto-approve');
  const statement = `CREATE PUBLICATION items FOR TABLE items WHERE (${where})`;
  await expect(world.publisher.query(statement)).rejects.toThrow(/invalid publication WHERE/);
  const file = await world.project.read('steep.yaml');
  await world.project.write('steep.yaml', file.replace(where, `at > '2020-01-01Z'`));
  await world.steep(0, 'apply', '--auto-approve');
});

test.each(oldAndNew)('%s to %s: a default with the sequence of nobody', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `
      CREATE SEQUENCE numbers;
      CREATE TABLE items (id int PRIMARY KEY DEFAULT nextval('numbers'), note text);
      ALTER TABLE items REPLICA IDENTITY FULL`,
    rows: 'INSERT INTO items (note) VALUES (1), (2)',
    publication: { tables: ['items'] },
  });
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/notice +SEQUENCES_SET_ONCE .*public\.items/);
  expect(plan).toMatch(
    /warning +IDENTITY_FULL_COST .*public\.items of node publisher writes whole/,
  );
  const file = await world.project.read('steep.yaml');
  const list = '- name: items\n        replica_identity: default';
  await world.project.write('steep.yaml', file.replace('- items', list));
  expect(await world.steep(0, 'plan')).not.toContain('IDENTITY_FULL_COST');
});

test.each(oldAndNew)('%s to %s: a type that was changed with USING', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    rows: `INSERT INTO items SELECT n, n FROM generate_series(1, 10) n`,
    publication: { tables: ['items'] },
    subscription: { schema_sync: 'auto' },
  });
  const { publisher, subscriber } = world;
  await world.steep(0, 'apply', '--auto-approve');
  await publisher.query('ALTER TABLE items ALTER note TYPE int USING note::int * 100');
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/warning +ROWS_CONVERTED_HERE .*column note/);
  const loss = ['--allow-hazard', 'SCHEMA_DATA_LOSS=subscriber/table.public.items'];
  await world.steep(0, 'apply', '--auto-approve', ...loss);
  // What it warns of.
  expect(await subscriber.query('SELECT note FROM items WHERE id = 1')).toEqual([{ note: 1 }]);
  await cureAsPrinted(world, 'steep apply --reinit subscriber/copy.items:public.items');
  await waitForSameRows(publisher, subscriber, items);
  await publisher.query('INSERT INTO items VALUES (11, 11)');
  await waitFor('what comes after', async () => {
    const rows = await subscriber.query('SELECT FROM items WHERE id = 11');
    return rows.length === 1;
  });
});
