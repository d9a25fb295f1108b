// Servers that fail while two nodes are merged: after they are back, the same command makes both nodes equal, and nothing
// of the merge is left but the pair itself.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster, type PrivateServer } from '../../support/servers/cluster.ts';
import { lastByDay, newestMajor } from '../../support/servers/majors.ts';
import {
  applyDuring,
  expectOnlyThePair,
  finishMerge,
  lostOrders,
  once,
} from '../../support/worlds/failing-merge.ts';
import {
  beforeLocks,
  commitNumber,
  consentTo,
  createMergeOn,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

/** What was committed is in memory alone for up to ten seconds. */
const unflushed = { synchronous_commit: 'off', wal_writer_delay: '10s' };

for (const which of lastByDay(['us', 'eu'] as const)) {
  test(`node ${which} dies between the commits: the same command finishes, and what was written since is kept`, async () => {
    const servers = {
      us: await cluster.privateServer(newestMajor, unflushed),
      eu: await cluster.privateServer(newestMajor, unflushed),
    };
    const world = await createMergeOn([servers.us, servers.eu], { strategy: 'prefer-node-a' });
    const { us, eu } = world;
    await eu.query('CREATE TABLE journal (id int, text text)');
    const [writes, dies] = [
      once(beforeLocks, async () => {
        // Positions of the merge come after WAL that no crash of the server leaves.
        await eu.query(
          `INSERT INTO journal SELECT n, repeat('x', 100) FROM generate_series(1, 300) AS n`,
        );
      }),
      once(commitNumber(2), () => servers[which].kill()),
    ];
    const died = await applyDuring(world, async (statement) => {
      await writes(statement);
      await dies(statement);
    });
    expect(died.code, died.stdout + died.stderr).not.toBe(0);
    expect(died.stdout + died.stderr).not.toContain('INTERNAL_ERROR');
    await servers[which].start();
    await us.query(`UPDATE orders SET note = 'later us', updated_at = now() WHERE id = 20`);
    await eu.query(`UPDATE orders SET note = 'later eu', updated_at = now() WHERE id IN (8, 30)`);
    await eu.query('DELETE FROM orders WHERE id = 31');
    const again = await finishMerge(world);
    expect(again.stdout).toContain('MERGE_INTERRUPTED');
    await waitForSameRows(us, eu, [orders, { schema: 'public', name: 'customers' }]);
    expect(await notesOf(us)).toBe(
      '5 us, 6 us, 7 us, 8 later eu, 9 us, 20 later us, 30 later eu, 200 only us, 301 only eu, 302 only eu',
    );
    expect(await us.query('SELECT FROM orders WHERE id = 31')).toEqual([]);
    // The second node has committed what it had already been sent to do when the first one died.
    expect([await lostOrders(us), await lostOrders(eu)]).toEqual(
      which === 'us'
        ? [[], [5, 6, 7, 8, 9]]
        : [
            [8, 30, 31],
            [5, 6, 7, 9, 20],
          ],
    );
    await expectOnlyThePair(world);
  });
}

test('a node that commits before it flushes dies after the merge: nothing of it is gone', async () => {
  const servers: readonly [PrivateServer, PrivateServer] = [
    await cluster.privateServer(newestMajor, unflushed),
    await cluster.privateServer(newestMajor, unflushed),
  ];
  const world = await createMergeOn(servers, { strategy: 'prefer-node-a' });
  const { us, eu, project, name } = world;
  const done = await project.steep('apply', '--auto-approve', ...consentTo(name));
  await Promise.all(servers.map((server) => server.kill()));
  expect(done.code, done.stdout + done.stderr).toBe(0);
  for (const server of servers) await server.start();
  await expectOnlyThePair(world);
  const merged = '5 us, 6 us, 7 us, 8 us, 9 us, 200 only us, 301 only eu, 302 only eu';
  expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
  expect(await lostOrders(eu)).toEqual([5, 6, 7, 8, 9]);
  await us.query(`INSERT INTO orders (customer, note, updated_at) VALUES (1, 'new us', now())`);
  await eu.query(`INSERT INTO orders (customer, note, updated_at) VALUES (2, 'new eu', now())`);
  await waitForSameRows(us, eu, [orders]);
});
