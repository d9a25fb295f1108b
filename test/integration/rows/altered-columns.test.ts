// Columns that ALTER TABLE gives other values on the publisher alone: nothing sends them. Plan, apply, status and drift say so,
// and the printed cure brings them.

import { test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import {
  cureAsPrinted,
  expectSaid,
  expectWell,
  installed,
  type MajorPair,
  type RowsWorld,
  rowsWorld,
} from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

const pairs = installed([
  [14, 18],
  [18, 18],
]);

const copied = async (pair: MajorPair): Promise<RowsWorld> => {
  const world = await rowsWorld({
    pair,
    tables: `CREATE TABLE items (id int, note text, size int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (1000)`,
    rows: `INSERT INTO items SELECT n, 'a', n FROM generate_series(1, 10) n`,
    publication: { tables: ['items'], publish_via_partition_root: true },
  });
  await world.steep(0, 'apply', '--auto-approve');
  return world;
};

const cure = async (world: RowsWorld, said: RegExp): Promise<void> => {
  await cureAsPrinted(world, await expectSaid(world, 'COLUMN_NO_BACKFILL', said));
  await waitForSameRows(world.publisher, world.subscriber, items);
  await expectWell(world);
};

test.each(pairs)('%s to %s: a column that was dropped and added again', async (...pair) => {
  const world = await copied(pair);
  await world.publisher.query(
    'ALTER TABLE items DROP COLUMN size; ALTER TABLE items ADD COLUMN size int',
  );
  await cure(world, /column size of public\.items was altered/);
});

test.each(pairs)('%s to %s: columns that were written again with their types', async (...pair) => {
  const world = await copied(pair);
  const { publisher } = world;
  // Another file alone, or another definition alone, is no other value.
  await publisher.query('VACUUM FULL items_1');
  await publisher.query('ALTER TABLE items ALTER note SET STATISTICS 50');
  await expectWell(world);
  await publisher.query('ALTER TABLE items ALTER note TYPE text USING upper(note)');
  await publisher.query('ALTER TABLE items ALTER size TYPE bigint USING size + 1');
  await publisher.query('ALTER TABLE items ALTER size TYPE int');
  await cure(world, /columns note(, size| and size) of public\.items were altered/);
});
