// Two merges at the same time: of one pair it happens once; of two pairs that share a node and a table, one happens, and
// the other is refused before it changes anything.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { expectOnlyThePair, lostOrders } from '../../support/worlds/failing-merge.ts';
import {
  consentTo,
  createMerge,
  createMergeTables,
  mergeOf,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';
import { createProject } from '../../support/worlds/project.ts';

const init = { strategy: 'prefer-node-a' } as const;
const wait = ['--auto-approve', '--wait-for-lock', '60s'] as const;

test('of the same pair: both commands are answered, and each row is written once', async () => {
  const world = await createMerge(init);
  const { us, eu, name, project } = world;
  const apply = ['apply', ...wait, ...consentTo(name)] as const;
  const runs = await Promise.all([1, 2].map(() => project.start(...apply).result));
  const told = runs.map(({ code, stdout, stderr }) => `${code}\n${stdout}${stderr}`).join('\n');
  expect(
    runs.some(({ code }) => code === 0),
    told,
  ).toBe(true);
  await waitForSameRows(us, eu, [orders]);
  expect([await lostOrders(us), await lostOrders(eu)]).toEqual([[], [5, 6, 7, 8, 9]]);
  await expectOnlyThePair(world);
});

test('of two pairs with one node and table in common: one is done, the other changes nothing', async () => {
  const world = await createMerge(init);
  const { us, eu, name, project } = world;
  const ap = await (await cluster.server(newestMajor)).createDatabase();
  onTestFinished(async () => {
    await ap.dropSubscriptions();
    await ap.drop();
  });
  await createMergeTables(ap);
  await ap.query(`UPDATE orders SET note = 'ap' WHERE id IN (5, 6)`);
  const other = `other_${name}`;
  const topology = mergeOf(other, init);
  const second = await createProject({ us: us.url, eu: ap.url }, topology);
  const before = { us: await notesOf(us), eu: await notesOf(eu), ap: await notesOf(ap) };
  const [first, overlapping] = await Promise.all([
    project.start('apply', ...wait, ...consentTo(name)).result,
    second.start('apply', ...wait, ...consentTo(other)).result,
  ]);
  const told = [first, overlapping]
    .map(({ code, stdout, stderr }) => `${code}\n${stdout}${stderr}`)
    .join('\n');
  expect(
    [first.code, overlapping.code].filter((code) => code === 0),
    told,
  ).toHaveLength(1);
  expect(told).toContain('MERGE_REPLICATING');
  expect(told).not.toContain('INTERNAL_ERROR');
  const [done, left, leftBefore] =
    first.code === 0 ? [eu, ap, before.ap] : ([ap, eu, before.eu] as const);
  await waitForSameRows(us, done, [orders]);
  expect(await notesOf(left)).toBe(leftBefore);
  expect(
    await left.query(
      `SELECT subname FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid AND d.datname = current_database()`,
    ),
  ).toEqual([]);
  expect(
    await us.query('SELECT FROM pg_replication_slots WHERE database = current_database()'),
  ).toHaveLength(1);
  expect(
    await left.query('SELECT FROM pg_replication_slots WHERE database = current_database()'),
  ).toEqual([]);
});
