// Publications with which the applications of the publisher could not UPDATE or DELETE any more: a plan that would make one is
// refused, the doctor says so of one that is there, and the printed cure is one.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { installed, type RowsWorld, rowsWorld } from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

/** Carried out by hand, PostgreSQL refuses the update, and the doctor tells why. */
const expectRefused = async (
  { steep, project, publisher }: RowsWorld,
  publication: string,
  why: string,
): Promise<string> => {
  const plan = await steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +REPLICA_IDENTITY_MISSING /);
  expect(plan).toContain(why);
  await steep(3, 'apply', '--auto-approve');
  await publisher.query(`CREATE PUBLICATION items ${publication}`);
  await expect(publisher.query(`UPDATE items SET note = 'changed'`)).rejects.toThrow(
    /cannot update/,
  );
  const doctor = await project.steep('doctor');
  expect(doctor.stdout).toContain(why);
  await publisher.query('DROP PUBLICATION items');
  return plan;
};

const expectUpdates = async ({ steep, publisher, subscriber }: RowsWorld): Promise<void> => {
  await steep(0, 'apply', '--auto-approve');
  await publisher.query(`UPDATE items SET note = 'changed'`);
  await waitForSameRows(publisher, subscriber, items);
};

const change = async ({ project }: RowsWorld, from: string | RegExp, to: string): Promise<void> => {
  const file = await project.read('steep.yaml');
  const changed = file.replace(from, to);
  expect(changed).not.toBe(file);
  await project.write('steep.yaml', changed);
};

/** Of the index that steep.yaml names: PostgreSQL refuses updates from then on, and the doctor and a plan say why. */
const expectIndexMissed = async (world: RowsWorld): Promise<void> => {
  const { publisher, project, steep } = world;
  await publisher.query('DROP INDEX by_id');
  const why = 'steep.yaml names index by_id as its replica identity';
  const plan = await steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +REPLICA_IDENTITY_MISSING /);
  expect(plan).toContain(why);
  expect((await project.steep('doctor')).stdout).toContain(why);
  await steep(3, 'apply', '--auto-approve');
  await publisher.query('CREATE UNIQUE INDEX by_id ON items (id)');
  await expectUpdates(world);
};

const generated =
  'items (id int PRIMARY KEY, note text, twice int GENERATED ALWAYS AS (id * 2) STORED)';

test.each(installed([[18, 18]]))('%s to %s: FULL with a generated column', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `CREATE TABLE ${generated}; ALTER TABLE items REPLICA IDENTITY FULL`,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
  });
  const why = 'its replica identity includes generated column twice, which is not published';
  const plan = await expectRefused(world, 'FOR TABLE items', why);
  expect(plan).toContain('publish_generated_columns: stored');
  await world.subscriber.query('ALTER TABLE items ALTER twice DROP EXPRESSION');
  await change(world, 'tables:', 'publish_generated_columns: stored\n    tables:');
  await expectUpdates(world);
});

test.each(installed([[18, 18]]))('%s to %s: a key with a generated column', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `
      CREATE TABLE ${generated};
      CREATE UNIQUE INDEX by_id ON items (id);
      ALTER TABLE items DROP CONSTRAINT items_pkey, ADD PRIMARY KEY (id, twice)`,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
  });
  const why = 'its replica identity includes generated column twice, which is not published';
  await expectRefused(world, 'FOR TABLE items', why);
  await world.subscriber.query('ALTER TABLE items REPLICA IDENTITY USING INDEX by_id');
  await change(world, '- items', '- name: items\n        replica_identity: { index: by_id }');
  await expectUpdates(world);
  await expectIndexMissed(world);
});

test.each(
  installed([
    [15, 18],
    [18, 18],
  ]),
)('%s to %s: FULL with a column list, complete as it may be', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables:
      'CREATE TABLE items (id int PRIMARY KEY, note text); ALTER TABLE items REPLICA IDENTITY FULL',
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: [{ name: 'items', columns: ['id', 'note'] }] },
  });
  const why = 'it has REPLICA IDENTITY FULL, with which PostgreSQL permits no column list';
  await expectRefused(world, 'FOR TABLE items (id, note)', why);
  await change(world, 'name: items\n', 'name: items\n        replica_identity: default\n');
  await expectUpdates(world);
});

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: a partition without an identity, published as rows of its root', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `
      CREATE TABLE items (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
      CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (100);
      ALTER TABLE items_1 REPLICA IDENTITY NOTHING`,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'], publish_via_partition_root: true },
  });
  const plan = await expectRefused(
    world,
    'FOR TABLE items WITH (publish_via_partition_root)',
    'it has neither a primary key nor another replica identity',
  );
  const [cure = ''] = /ALTER TABLE public\.items_1 REPLICA IDENTITY DEFAULT;/.exec(plan) ?? [];
  for (const node of [world.publisher, world.subscriber]) await node.query(cure);
  await expectUpdates(world);
});
