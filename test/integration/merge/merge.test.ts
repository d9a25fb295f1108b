// Two nodes that grew apart become a pair: what both hold in the end, what is on record of what lost, and what two-way
// replication does from then on.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { consentTo, createMerge, notesOf, orders } from '../../support/worlds/merge.ts';

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
