// Two nodes that grew apart become a pair: what both hold in the end, what is on record of what lost, and what two-way
// replication does from then on.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { applyDuring, lostOrders } from '../../support/worlds/failing-merge.ts';
import {
  beforeLocks,
  consentTo,
  createMerge,
  mergeOf,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

test('last-modified: rows, audit, sequences, and two-way replication afterwards', async () => {
  const { us, eu, name, project } = await createMerge({
    strategy: 'last-modified',
    modified_column: 'updated_at',
    tie: 'node_a',
    tables: { customers: { strategy: 'prefer-node-a' } },
  });
  const planned = await project.steep('plan');
  expect(planned.stdout).toContain('MERGE_LOCKS');
  expect(planned.stdout).toMatch(/2 rows of public.orders on node us will be overwritten/);
  expect(planned.stdout).toMatch(/3 rows of public.orders on node eu will be overwritten/);
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);

  const untouched = await us.query(
    `SELECT id, xmin::text FROM orders WHERE note = 'same' ORDER BY id`,
  );
  const applied = await project.steep('apply', '--auto-approve', ...consentTo(name));
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const merged = '5 us, 6 us, 7 us, 8 eu, 9 eu, 200 only us, 301 only eu, 302 only eu';
  expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
  expect(
    await us.query(`SELECT id, xmin::text FROM orders WHERE note = 'same' ORDER BY id`),
  ).toEqual(untouched);
  const lost = `SELECT key->>'id' AS id, losing->>'note' AS note, winner, rule FROM steep_repl.merge_audit_log ORDER BY entry`;
  expect(
    (await us.query(lost)).map((row) => Object.values(row as object).join(' ')).toSorted(),
  ).toEqual(['8 us eu last-modified', '9 us eu last-modified']);
  expect(await eu.query(lost)).toHaveLength(3);

  await us.query(`INSERT INTO orders (customer, note, updated_at) VALUES (1, 'new us', now())`);
  await eu.query(`INSERT INTO orders (customer, note, updated_at) VALUES (2, 'new eu', now())`);
  await us.query(`UPDATE orders SET note = 'changed' WHERE id = 301`);
  await waitForSameRows(us, eu, [orders]);
  const fresh = await us.query<{ readonly id: number }>(
    `SELECT id FROM orders WHERE note LIKE 'new%' ORDER BY note`,
  );
  expect(fresh.map(({ id }) => id)).toEqual([304, 303]);
  expect((await project.steep('plan', '--detailed-exitcode')).code).toBe(0);
});

test('changed after it was compared and before the locks: decided again, and only that', async () => {
  const init = { strategy: 'prefer-node-a', max_overwrites: 20 };
  const world = await createMerge(init);
  const { us, eu, name, project } = world;
  const policy = { allow_hazards: ['MERGE_OVERWRITES=eu/table.public.customers'] };
  await project.describe({ ...mergeOf(name, init), policy });
  let locked = false;
  const compared: string[] = [];
  const ended = await applyDuring(world, async (statement) => {
    if (locked && statement.includes('AS bucket')) compared.push(statement);
    if (locked || !beforeLocks(statement)) return;
    locked = true;
    await eu.query(`UPDATE orders SET note = 'late eu' WHERE id = 50`);
    await us.query(`UPDATE orders SET note = 'late us' WHERE id = 60`);
    await eu.query(`UPDATE orders SET note = 'us', updated_at = '2026-02-02' WHERE id = 5`);
    await eu.query('DELETE FROM orders WHERE id IN (6, 302)');
    await us.query('DELETE FROM orders WHERE id = 200');
    await us.query(`INSERT INTO orders VALUES (400, 1, 'late us', '2026-03-03')`);
    await eu.query(`INSERT INTO orders VALUES (400, 1, 'late eu', '2026-03-03')`);
    await eu.query('UPDATE orders SET id = 500 WHERE id = 301');
    // Its file is another one: what was changed in it cannot be known from changes of rows.
    await eu.query('VACUUM FULL customers');
  });
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const merged = '5 us, 6 us, 7 us, 8 us, 9 us, 60 late us, 400 late us, 500 only eu';
  expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
  await waitForSameRows(us, eu, [orders, { schema: 'public', name: 'customers' }]);
  expect([await lostOrders(us), await lostOrders(eu)]).toEqual([[], [7, 8, 9, 50, 60, 400]]);
  expect(compared).toHaveLength(2);
  for (const statement of compared) expect(statement).toContain('customers');
});
