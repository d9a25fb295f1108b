// How far steep snapshot apply is, for whoever looks on while it loads rows alone: status, a notification, and SQL.

import { expect, test } from 'vitest';
import { openSession } from '../../../src/postgres/session.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createWorld, generate } from './commands-world.ts';

test('rows alone: told while they are loaded, and when they are', async () => {
  const world = await createWorld();
  const { place, manifest } = await generate(world, 'orders', '--no-slot');
  const target = await cluster.database(newestMajor);
  await target.query(`
    CREATE TABLE orders (id int PRIMARY KEY, note text);
    CREATE TABLE empty (id int PRIMARY KEY)`);
  const project = world.project.with({ primary: world.source.url, reporting: target.url });
  await project.describe({});
  const listener = await openSession(target.conninfo, { node: 'n', applicationName: 'listener' });
  let heard = 0;
  await listener.listen('steep_repl_progress', () => {
    heard += 1;
  });
  const held = await holdTransaction(target, 'LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE');
  const loading = project.start('snapshot', 'apply', '--node', 'reporting', '--input', place);
  const status = async () => (await project.steep('status')).stdout;
  await waitFor('status to show the load', async () =>
    (await status()).includes(`${manifest.snapshotId} into reporting`),
  );
  await held.commit();
  expect((await loading.result).code).toBe(0);
  expect(await status()).not.toContain('into reporting');
  expect(
    await target.query(`
      SELECT node_id, phase, tables_total, rows_copied::int AS rows FROM steep_repl.get_progress()`),
  ).toEqual([{ node_id: 'reporting', phase: 'done', tables_total: 2, rows: 100 }]);
  await waitFor('a notification', async () => heard > 0);
  await listener.close();
});
