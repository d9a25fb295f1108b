// A merge that is killed: before the first commit nothing has happened; between the commits the same command finishes it,
// and what applications have written meanwhile is not lost.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import {
  beforeLocks,
  commitNumber,
  consentTo,
  createMerge,
  killApply,
  type MergeWorld,
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

for (const [moment, at, isWritten] of moments) {
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
