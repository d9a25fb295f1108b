// A publication that is dropped and created again while PostgreSQL copies a table: changes may be missing, without an error.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { startOf } from '../../support/worlds/edge.ts';
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

test.each(installed([[16, 17]]))(
  '%s to %s: a publication that is replaced while PostgreSQL copies a table again',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: twoTables,
      rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
      publication: { tables: ['items', 'others'] },
    });
    const { publisher, subscriber, project } = world;
    await world.steep(0, 'apply', '--auto-approve');
    const again = ['--reinit', 'subscriber/copy.items:public.items', '--auto-approve', '--json'];
    const truncates = ['--allow-hazard', 'TARGET_TRUNCATE=subscriber/subscription.items'];
    const run = project.start('apply', ...again, ...truncates);
    await run.until(startOf('wait-for-copy subscriber/subscription.items'));
    await publisher.query(`BEGIN; DROP PUBLICATION items;
    CREATE PUBLICATION items FOR TABLE items, others; COMMIT`);
    const { code, stdout } = await run.result;
    expect(code, stdout).toBe(8);
    expect(stdout).toMatch(itemsUnsent);
    const plan = await expectSaid(world, 'PUBLICATION_REPLACED', itemsUnsent);
    await cureAsPrinted(world, plan);
    await waitForSameRows(publisher, subscriber, itemsAlone);
    await expectWell(world);
  },
);
