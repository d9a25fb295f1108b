// Tables that a session lets a subscription take in without their rows: plan, apply, status and drift say so, and the printed
// cure brings the rows.

import { test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cureAsPrinted, expectSaid, expectWell, installed, rowsWorld } from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

const twoTables = `
  CREATE TABLE items (id int PRIMARY KEY, note text);
  CREATE TABLE others (id int PRIMARY KEY)`;

/** Once an apply has taken note of it, it is one of the ways to have missed changes. */
const takenIn = (table: string): RegExp =>
  new RegExp(`took in public\\.${table} without its rows|public\\.${table} was not published for`);

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: tables that a REFRESH by hand took in without their rows', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: twoTables,
    rows: `INSERT INTO items SELECT n FROM generate_series(1, 10) n;
      INSERT INTO others SELECT n FROM generate_series(1, 10) n; CREATE PUBLICATION aside`,
    publication: { tables: ['items'] },
  });
  const { publisher, subscriber, project, steep } = world;
  await steep(0, 'apply', '--auto-approve');
  const set = (publication: string) =>
    subscriber.query(
      `ALTER SUBSCRIPTION items SET PUBLICATION ${publication} WITH (copy_data = false)`,
    );
  await set('aside');
  await publisher.query('INSERT INTO items VALUES (1001)');
  await set('items');
  const plan = await expectSaid(world, 'PUBLICATION_REPLACED', takenIn('items'));
  await cureAsPrinted(world, plan);
  await waitForSameRows(publisher, subscriber, items);
  await expectWell(world);
  // Of a table that steep.yaml names only afterwards, no apply has taken note before.
  await publisher.query('ALTER PUBLICATION items ADD TABLE others');
  await subscriber.query('ALTER SUBSCRIPTION items REFRESH PUBLICATION WITH (copy_data = false)');
  const file = await project.read('steep.yaml');
  await project.write('steep.yaml', file.replace('- items\n', '- items\n      - others\n'));
  const later = await expectSaid(world, 'PUBLICATION_REPLACED', takenIn('others'));
  await cureAsPrinted(world, later);
  await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 'others' }]);
  await expectWell(world);
});
