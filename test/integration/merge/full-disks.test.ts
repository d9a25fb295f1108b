// A disk that is full on either node while two nodes are merged: nothing is changed on either, and with free space the same
// command does it. Where nothing may be mounted, there is no such disk.

import { afterAll, expect, test } from 'vitest';
import { type FillableDisk, mountDiskOf } from '../../chaos/disk.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster, type TestServer } from '../../support/servers/cluster.ts';
import { firstByDay, newestMajor } from '../../support/servers/majors.ts';
import { createTestDatabase, testDatabase } from '../../support/servers/test-database.ts';
import {
  applyDuring,
  expectOnlyThePair,
  finishMerge,
  lostOrders,
  once,
} from '../../support/worlds/failing-merge.ts';
import { createMergeOn, notesOf, orders } from '../../support/worlds/merge.ts';

const server = await cluster.privateServer(newestMajor);
const disk = await mountDiskOf(testDatabase(server.superuser, 'postgres'));

afterAll(async () => {
  if (disk === null) return;
  await server.stop();
  await disk.unmount();
});

const onSmallDisk = (tablespace: string): TestServer => ({
  ...server,
  createDatabase: () => createTestDatabase(server.superuser, newestMajor, tablespace),
});

const moments = [
  ['its decisions are stored', 'INSERT INTO steep_repl.merge_decisions'],
  ['rows are written', 'SAVEPOINT steep_merge'],
] as const;

for (const which of ['us', 'eu'] as const) {
  test.skipIf(disk === null).for(firstByDay(moments))(
    `the disk of ${which} is full when %s`,
    async ([_moment, statement]) => {
      const full = disk as FillableDisk & { readonly tablespace: string };
      const roomy = await cluster.server(newestMajor);
      const small = onSmallDisk(full.tablespace);
      const world = await createMergeOn(which === 'us' ? [small, roomy] : [roomy, small], {
        strategy: 'prefer-node-a',
      });
      const { us, eu } = world;
      // More than the pages of either table have room for, in both directions.
      const many = (first: number): string =>
        `INSERT INTO orders SELECT n, 1, repeat('x', 2000), '2026-01-01' FROM generate_series(${first}, ${first + 2999}) AS n`;
      await us.query(many(10_000));
      await eu.query(many(20_000));
      const rows = `SELECT count(*)::int AS rows FROM orders`;
      const before = [await notesOf(us), await notesOf(eu)];
      const ended = await applyDuring(
        world,
        once(
          (text) => text.includes(statement),
          () => full.fill(),
        ),
      );
      try {
        expect(ended.code, ended.stdout + ended.stderr).not.toBe(0);
        expect(ended.stderr).toContain('the disk of the server is full');
        expect(ended.stderr).toContain(`node ${which}`);
        expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
      } finally {
        await full.free();
      }
      await finishMerge(world);
      await waitForSameRows(us, eu, [orders, { schema: 'public', name: 'customers' }]);
      expect(await us.query(rows)).toEqual([{ rows: 6103 }]);
      expect([await lostOrders(us), await lostOrders(eu)]).toEqual([[], [5, 6, 7, 8, 9]]);
      await expectOnlyThePair(world);
    },
  );
}
