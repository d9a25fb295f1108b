// A copied table that its publication did not send for a while: the OIDs that steep noted at the last apply show it, in plan,
// apply, status and drift; the printed cure brings the rows.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { endsByDay } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  cureAsPrinted,
  expectSaid,
  expectWell,
  installed,
  itemsAlone,
  itemsUnsent,
  rowsWorld,
  twoTables,
} from './rows-world.ts';

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: a table that was taken out of its publication and put back', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: twoTables,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items', 'others'] },
  });
  const { publisher, subscriber } = world;
  await world.steep(0, 'apply', '--auto-approve');
  await publisher.query('ALTER PUBLICATION items DROP TABLE items');
  await publisher.query('INSERT INTO items VALUES (1001)');
  await publisher.query('ALTER PUBLICATION items ADD TABLE items');
  const plan = await expectSaid(world, 'PUBLICATION_REPLACED', itemsUnsent);
  expect(plan).not.toContain('public.others was not published');
  await cureAsPrinted(world, plan);
  await waitForSameRows(publisher, subscriber, itemsAlone);
  await expectWell(world);
});

test.each(installed([[18, 18]]))(
  '%s to %s: a publication that was dropped and created again',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
      rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
      publication: { schemas: ['public'] },
    });
    const { publisher, subscriber } = world;
    await world.steep(0, 'apply', '--auto-approve');
    await publisher.query('DROP PUBLICATION items');
    await publisher.query('INSERT INTO items VALUES (1001)');
    await publisher.query('CREATE PUBLICATION items FOR TABLES IN SCHEMA public');
    await publisher.query('INSERT INTO items VALUES (1002)');
    await waitFor('what comes after', async () => {
      const rows = await subscriber.query('SELECT FROM items WHERE id = 1002');
      return rows.length === 1;
    });
    const plan = await expectSaid(world, 'PUBLICATION_REPLACED', /public\.items was not published/);
    await cureAsPrinted(world, plan);
    await waitForSameRows(publisher, subscriber, itemsAlone);
    await expectWell(world);
  },
);

test.each(installed([[18, 18]]))(
  '%s to %s: what steep puts back in one transaction is no gap, though it was interrupted before it took note',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: twoTables,
      publication: { tables: [{ name: 'items', columns: ['id'] }, 'others'] },
    });
    await world.steep(0, 'apply', '--auto-approve');
    const change = async (from: string, to: string): Promise<void> => {
      const file = await world.project.read('steep.yaml');
      await world.project.write('steep.yaml', file.replace(from, to));
      const allowed = ['--allow-hazard', 'FILTER_NO_BACKFILL=publisher/publication.items'];
      await world.steep(0, 'apply', '--auto-approve', ...allowed);
    };
    const noted = await world.subscriber.query<{ readonly noted: string }>(
      'SELECT noted::text FROM steep_repl.edge_records',
    );
    await change('        columns:\n          - id\n', '');
    await change('name: items\n', 'name: items\n        where: "id > 0"\n');
    await world.subscriber.query(`UPDATE steep_repl.edge_records SET noted = '${noted[0]?.noted}'`);
    await expectWell(world);
  },
);

test.each(installed([[18, 18]]))(
  '%s to %s: the cure of a gap while steep.yaml renames the publication',
  async (...pair) => {
    const world = await rowsWorld({ pair, tables: twoTables, publication: { tables: ['items'] } });
    const { publisher, subscriber, project, steep } = world;
    await steep(0, 'apply', '--auto-approve');
    await publisher.query(`BEGIN; ALTER PUBLICATION items DROP TABLE items;
      INSERT INTO items VALUES (1001); ALTER PUBLICATION items ADD TABLE items; COMMIT`);
    await project.describe({
      publications: { goods: { node: 'publisher', tables: ['items'] } },
      subscriptions: {
        items: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['goods'],
          slot: world.slot,
        },
      },
      renamed: [{ from: 'publisher/publication.items', to: 'publisher/publication.goods' }],
    });
    const plan = await steep(0, 'plan');
    const [, consent = ''] =
      /First apply .* --allow-hazard (\S+): .* Then copy again/.exec(plan) ?? [];
    expect(consent, plan).toContain('PUBLICATION_REPLACED=');
    const copied = 'subscriber/copy.items:public.items';
    expect(await steep(3, 'apply', '--auto-approve', '--reinit', copied)).toContain(
      'REINIT_BLOCKED',
    );
    await steep(0, 'apply', '--auto-approve', '--allow-hazard', consent);
    await cureAsPrinted(world, await steep(8, 'apply', '--auto-approve'));
    await waitForSameRows(publisher, subscriber, itemsAlone);
    await expectWell(world);
  },
);

test.each(installed([[18, 18]]))(
  '%s to %s: a table with missing rows that leaves the publication: the cure of what stays on record works',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: twoTables,
      rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
      publication: { tables: ['items', 'others'] },
    });
    const { publisher, subscriber, project } = world;
    await world.steep(0, 'apply', '--auto-approve');
    await publisher.query('ALTER PUBLICATION items DROP TABLE items');
    await publisher.query('INSERT INTO items VALUES (1001)');
    await publisher.query('ALTER PUBLICATION items ADD TABLE items');
    await expectSaid(world, 'PUBLICATION_REPLACED', /public\.items was not published/);
    const file = await project.read('steep.yaml');
    await project.write('steep.yaml', file.replace('- items\n      - others', '- others'));
    const left = 'PUBLICATION_REPLACED=subscriber/copy.items:public.items';
    await world.steep(8, 'apply', '--auto-approve', '--allow-hazard', left);
    const { stdout: said } = await project.steep('status');
    expect(said).toContain('Changes are lost');
    await publisher.query('INSERT INTO others VALUES (1)');
    await cureAsPrinted(world, said);
    await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 'others' }]);
    await expectWell(world);
  },
);

test.each(
  installed([
    [15, 18],
    [18, 18],
  ]),
)('%s to %s: a table that leaves its published schema and comes back', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: `${twoTables}; CREATE SCHEMA away`,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { schemas: ['public'] },
  });
  const { publisher, subscriber } = world;
  await world.steep(0, 'apply', '--auto-approve');
  await publisher.query('ALTER TABLE items SET SCHEMA away');
  await publisher.query('INSERT INTO away.items VALUES (1001)');
  await publisher.query('ALTER TABLE away.items SET SCHEMA public');
  const plan = await expectSaid(world, 'PUBLICATION_REPLACED', itemsUnsent);
  expect(plan).not.toContain('public.others was not published');
  await cureAsPrinted(world, plan);
  await waitForSameRows(publisher, subscriber, itemsAlone);
  await expectWell(world);
});

const all = "ALTER PUBLICATION items SET (publish = 'insert, update, delete, truncate')";
const insertsOnly = "ALTER PUBLICATION items SET (publish = 'insert')";

test.each(
  endsByDay(
    installed([
      [14, 18],
      [18, 18],
    ]),
  ),
)('%s to %s: a publication that did not send every operation for a while', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: twoTables,
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
  });
  const { publisher, subscriber, steep } = world;
  await steep(0, 'apply', '--auto-approve');
  await publisher.query(insertsOnly);
  await publisher.query('DELETE FROM items WHERE id = 1');
  await publisher.query(all);
  await cureAsPrinted(world, await expectSaid(world, 'PUBLICATION_REPLACED', itemsUnsent));
  await waitForSameRows(publisher, subscriber, itemsAlone);
  await expectWell(world);
  // It is said from the moment on, and stays on record when steep sets it back.
  await publisher.query(insertsOnly);
  await publisher.query('DELETE FROM items WHERE id = 2');
  expect((await world.project.steep('status')).stdout).toMatch(itemsUnsent);
  const plan = await steep(0, 'plan');
  expect(plan).toMatch(/DANGER +PUBLISH_NO_BACKFILL/);
  const consents = [
    'PUBLISH_NO_BACKFILL=publisher/publication.items',
    'PUBLICATION_REPLACED=subscriber/copy.items:public.items',
  ].flatMap((consent) => ['--allow-hazard', consent]);
  await steep(0, 'apply', '--auto-approve', ...consents);
  await cureAsPrinted(world, await expectSaid(world, 'PUBLICATION_REPLACED', itemsUnsent));
  await waitForSameRows(publisher, subscriber, itemsAlone);
  await expectWell(world);
});

test.each(installed([[18, 18]]))(
  '%s to %s: operations that steep.yaml leaves out and adds are as it says',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: twoTables,
      publication: { tables: ['items'], publish: ['insert', 'update', 'delete', 'truncate'] },
    });
    const { publisher, project, steep } = world;
    await steep(0, 'apply', '--auto-approve');
    const whole = await project.read('steep.yaml');
    await project.write('steep.yaml', whole.replace('      - delete\n      - truncate\n', ''));
    await steep(0, 'apply', '--auto-approve');
    await expectWell(world);
    // Made by hand, as steep.yaml asks for it.
    await publisher.query(insertsOnly);
    const narrow = '      - update\n      - delete\n      - truncate\n';
    await project.write('steep.yaml', whole.replace(narrow, ''));
    await expectWell(world);
    await project.write('steep.yaml', whole);
    const widened = ['--allow-hazard', 'PUBLISH_NO_BACKFILL=publisher/publication.items'];
    await steep(0, 'apply', '--auto-approve', ...widened);
    await expectWell(world);
  },
);
