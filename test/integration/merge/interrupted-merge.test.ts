// A merge that is killed: before the first commit nothing has happened; between the commits the same command finishes it,
// and what applications have written meanwhile is not lost.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { endsByDay } from '../../support/servers/majors.ts';
import {
  beforeLocks,
  commitNumber,
  consentTo,
  createMerge,
  killApply,
  killRun,
  type MergeWorld,
  mergeOf,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

const moments: readonly (readonly [string, () => (statement: string) => boolean, boolean])[] = [
  ['before the locks', () => beforeLocks, false],
  [
    'before the rows are written',
    () => (text) =>
      text.includes('UPDATE ONLY "public"."orders"') || text.includes('UPDATE ONLY public.orders'),
    false,
  ],
  ['before the first commit', () => commitNumber(1), false],
  ['between the commits', () => commitNumber(2), true],
  [
    'before the subscriptions begin',
    () => (text) => text.includes('SELECT pg_catalog.pg_replication_origin_advance('),
    true,
  ],
];

/** Without a conflict in the pair: each row is written on one node. */
const writeMeanwhile = async ({ us, eu }: MergeWorld): Promise<void> => {
  await us.query(`UPDATE orders SET note = 'later us', updated_at = now() WHERE id IN (5, 20)`);
  await us.query('DELETE FROM orders WHERE id IN (21, 200)');
  await us.query(`INSERT INTO orders VALUES (1001, 1, 'later us', now())`);
  await eu.query(`UPDATE orders SET note = 'later eu', updated_at = now() WHERE id IN (8, 30)`);
  await eu.query('DELETE FROM orders WHERE id IN (31, 302)');
  await eu.query(`INSERT INTO orders VALUES (1002, 1, 'later eu', now())`);
};

const versionsOf = ({ us }: MergeWorld) =>
  us.query(`SELECT id, xmin::text FROM orders WHERE id BETWEEN 40 AND 100 ORDER BY id`);

const merged = '5 us, 6 us, 7 us, 8 us, 9 us, 200 only us, 301 only eu, 302 only eu';

for (const [moment, at, isWritten] of endsByDay(moments)) {
  test(`killed ${moment}: both nodes are equal after the same command`, async () => {
    const world = await createMerge({ strategy: 'prefer-node-a' });
    const { us, eu, project, name } = world;
    const before = await versionsOf(world);
    const notes = [await notesOf(us), await notesOf(eu)];
    await killApply(world, at());
    if (!isWritten) expect([await notesOf(us), await notesOf(eu)]).toEqual(notes);
    if (moment === 'between the commits') {
      expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, notes[1]]);
    }
    if (isWritten) await writeMeanwhile(world);
    const again = await project.steep(
      'apply',
      '--auto-approve',
      '--wait-for-lock',
      '60s',
      ...consentTo(name),
    );
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(again.stdout.includes('MERGE_INTERRUPTED')).toBe(isWritten);
    await waitForSameRows(us, eu, [orders]);
    expect(await versionsOf(world)).toEqual(before);
    const expected = isWritten
      ? '5 later us, 6 us, 7 us, 8 later eu, 9 us, 20 later us, 30 later eu, 301 only eu, 1001 later us, 1002 later eu'
      : merged;
    expect(await notesOf(us)).toBe(expected);
    expect(await us.query('SELECT FROM orders WHERE id IN (21, 31)')).toHaveLength(
      isWritten ? 0 : 2,
    );
  });
}

test('killed between the commits: what is written to a partition meanwhile is kept', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, project, name } = world;
  for (const node of [us, eu]) {
    await node.query('CREATE TABLE items (id int PRIMARY KEY, note text) PARTITION BY RANGE (id)');
    await node.query('CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (1000)');
    await node.query(`INSERT INTO items SELECT n, '${node.name}' FROM generate_series(1, 3) AS n`);
  }
  const init = { method: 'merge', strategy: 'prefer-node-a' };
  const tables = ['customers', 'orders', 'items'];
  await project.describe({ pairs: { [name]: { nodes: ['us', 'eu'], tables, init } } });
  const consent = [
    ...consentTo(name),
    '--allow-hazard',
    'MERGE_OVERWRITES=eu/table.public.items_1',
  ];
  await killRun(world, ['apply', '--auto-approve', ...consent], commitNumber(2));
  await eu.query(`UPDATE items SET note = 'later eu' WHERE id = 1`);
  await eu.query('DELETE FROM items WHERE id = 2');
  const wait = ['--wait-for-lock', '60s'];
  const again = await project.steep('apply', '--auto-approve', ...wait, ...consent);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  const rows = 'SELECT id, note FROM items ORDER BY id';
  const kept = [
    { id: 1, note: 'later eu' },
    { id: 3, note: us.name },
  ];
  expect(await us.query(rows)).toEqual(kept);
  expect(await eu.query(rows)).toEqual(kept);
});

test('killed before the locks again, after its connections were changed: it still waits for its rows', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, project, name } = world;
  const notes = [await notesOf(us), await notesOf(eu)];
  // Each run has connections of its own, which it writes into both subscriptions before it merges.
  for (const _ of [1, 2]) {
    await killApply(world, beforeLocks);
    expect([await notesOf(us), await notesOf(eu)]).toEqual(notes);
  }
  const again = await project.steep(
    'apply',
    '--auto-approve',
    '--wait-for-lock',
    '60s',
    ...consentTo(name),
  );
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
  await waitForSameRows(us, eu, [orders]);
  expect((await project.steep('plan', '--detailed-exitcode')).code).toBe(0);
});

test('killed after the commits, where a failed run has noted the positions before: they were not moved by hand', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, project, name } = world;
  // Under the locks alone it is found that both rows cannot be stored.
  for (const node of [us, eu]) {
    await node.query('CREATE UNIQUE INDEX by_lower ON customers (lower(email))');
  }
  await us.query(`INSERT INTO customers VALUES (3, 'same@x')`);
  await eu.query(`INSERT INTO customers VALUES (4, 'SAME@x')`);
  const failed = await project.steep('apply', '--auto-approve', ...consentTo(name));
  expect(failed.code, failed.stdout + failed.stderr).toBe(6);
  // The end of an apply takes note of the positions of subscriptions that are disabled: this one of something else.
  await us.query('CREATE TABLE others (id int PRIMARY KEY)');
  const merge = mergeOf(name, { strategy: 'prefer-node-a' });
  const others = { [`others_${name}`]: { node: 'us', tables: ['others'] } };
  await project.describe({ ...merge, publications: others });
  const part = ['--target', `us/publication.others_${name}`, '--wait-for-lock', '60s'];
  const other = await project.steep('apply', '--auto-approve', ...part);
  expect(other.code, other.stdout + other.stderr).toBe(0);
  const paused = `SELECT noted->'paused' IS NOT NULL AS paused FROM steep_repl.edge_records`;
  expect(await eu.query(paused)).toEqual([{ paused: true }]);
  await eu.query(`UPDATE customers SET email = 'other@x' WHERE id = 4`);
  // Both begin where the nodes were locked, and neither is enabled yet.
  await killApply(world, (text) => /ALTER SUBSCRIPTION .* ENABLE/.test(text));
  const planned = await project.steep('plan');
  expect(planned.stdout).toContain('MERGE_INTERRUPTED');
  expect(planned.stdout).not.toContain('POSITION_MOVED');
  expect((await project.steep('status')).stdout).not.toContain('POSITION_MOVED');
  const wait = ['--wait-for-lock', '60s'];
  const again = await project.steep('apply', '--auto-approve', ...wait, ...consentTo(name));
  expect(again.code, again.stdout + again.stderr).toBe(0);
  expect(again.stdout).not.toContain('POSITION_MOVED');
  await waitForSameRows(us, eu, [orders]);
  expect((await project.steep('status')).stdout).not.toContain('POSITION_MOVED');
  expect((await project.steep('plan', '--detailed-exitcode')).code).toBe(0);
});
