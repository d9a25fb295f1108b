// Two nodes below 16 are no pair: a merge of them is refused with what to do instead, and that brings the rows of one
// node to the other, keeps what only the other one has, and puts each row that loses on record.

import { expect, test } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import { allMajors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { lostOrders } from '../../support/worlds/failing-merge.ts';
import { createMerge, notesOf, orders } from '../../support/worlds/merge.ts';

const old = allMajors.filter((major) => major < 16);
const [oldest, newest] = [Math.min(...old), Math.max(...old)] as const;

test('below 16: refused, and brought in line in one direction', async () => {
  const { us, eu, name, project } = await createMerge({ strategy: 'prefer-node-a' }, [
    oldest,
    newest,
  ]);
  const before = await hashesOf(us, [orders]);
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout + refused.stderr).toBe(1);
  expect(refused.stderr).toContain('OPTION_NOT_SUPPORTED');
  expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'steep repair of it with --rows missing,different',
  );
  for (const node of [us, eu]) {
    expect(await node.query(`SELECT FROM pg_namespace WHERE nspname = 'steep_repl'`)).toEqual([]);
  }

  await project.describe({
    publications: { [name]: { node: 'us', tables: ['customers', 'orders'] } },
    subscriptions: {
      [name]: { node: 'eu', source: 'us', publications: [name], init: { method: 'none' } },
    },
  });
  const gap = ['--allow-hazard', `COPY_SKIPPED_GAP=eu/subscription.${name}`];
  const applied = await project.steep('apply', '--auto-approve', ...gap);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await us.query(`UPDATE orders SET note = 'later us' WHERE id = 30`);
  const rows = ['--rows', 'missing,different', '--auto-approve'];
  const allow = ['--allow-hazard', 'ROWS_OVERWRITTEN=eu/table.public.orders'];
  const repaired = await project.steep('repair', name, ...rows, ...allow);
  expect(repaired.code, repaired.stdout + repaired.stderr).toBe(0);
  await us.query(`UPDATE orders SET note = 'last us' WHERE id = 31`);
  const expected = [
    '5 us, 6 us, 7 us, 8 us, 9 us, 30 later us, 31 last us, 200 only us',
    '301 only eu, 302 only eu',
  ].join(', ');
  await waitFor('the last change', async () => (await notesOf(eu)) === expected);
  expect(await lostOrders(eu)).toEqual([5, 6, 7, 8, 9]);
  await us.query(`UPDATE orders SET note = 'same' WHERE id IN (30, 31)`);
  expect(await hashesOf(us, [orders])).toEqual(before);
});
