// Columns that each node fills by itself: the rows that are there differ until the table is copied again.

import { expect, test } from 'vitest';
import { hashesOf, waitForSameRows } from '../../support/hashes.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { cureAsPrinted, installed, type RowsWorld, rowsWorld } from './rows-world.ts';

const items = [
  { schema: 'public', name: 'items' },
  // Its rows refer to them: what is copied again is copied with it.
  { schema: 'public', name: 'parts' },
];

const world = (pair: readonly [number, number], subscription: object): Promise<RowsWorld> =>
  rowsWorld({
    pair,
    tables: `CREATE TABLE items (id int PRIMARY KEY);
      CREATE TABLE parts (id int PRIMARY KEY, item int REFERENCES items)`,
    rows: `INSERT INTO items SELECT n FROM generate_series(1, 10) n;
      INSERT INTO parts SELECT n, n FROM generate_series(1, 10) n`,
    publication: { tables: ['items', 'parts'] },
    subscription,
  });

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: schema_sync: auto adds a column with a default of its own', async (...pair) => {
  const { publisher, subscriber, steep, ...rest } = await world(pair, { schema_sync: 'auto' });
  await steep(0, 'apply', '--auto-approve');
  await publisher.query(`ALTER TABLE items ADD known text DEFAULT 'none', ADD serial bigserial,
    ADD at timestamptz DEFAULT CURRENT_TIMESTAMP, ADD token uuid DEFAULT gen_random_uuid()`);
  const plan = await steep(0, 'plan');
  expect(plan).toMatch(/DANGER +COLUMN_NO_BACKFILL .*default of serial, at, token gives/);
  expect(plan).not.toMatch(/default of .*known/);
  await steep(3, 'apply', '--auto-approve');
  const allow = ['--allow-hazard', 'COLUMN_NO_BACKFILL=subscriber/table.public.items'];
  await steep(0, 'apply', '--auto-approve', ...allow);
  expect(await hashesOf(subscriber, items)).not.toEqual(await hashesOf(publisher, items));
  await cureAsPrinted({ publisher, subscriber, steep, ...rest }, plan);
  await waitForSameRows(publisher, subscriber, items);
});

test('a column that was added by hand: drift says that older rows may differ, and its cure corrects them', async () => {
  const it = await world([newestMajor, newestMajor], {});
  const { publisher, subscriber, steep } = it;
  await steep(0, 'apply', '--auto-approve');
  await subscriber.query('ALTER TABLE items ADD note text');
  await publisher.query(`ALTER TABLE items ADD note text DEFAULT 'old'`);
  const drift = await steep(2, 'drift');
  expect(drift).toContain('Rows from before may have other values in note than on publisher.');
  // Another change of this subscription is applied: the rows differ as before, and only the record tells it.
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  expect(await steep(0, 'apply', '--auto-approve')).toContain('1 of 1 step done');
  expect(await steep(2, 'drift')).toContain('Rows from before may have other values in note');
  await cureAsPrinted(it, drift);
  await waitForSameRows(publisher, subscriber, items);
  expect(await steep(0, 'drift')).not.toContain('Rows from before');
});
