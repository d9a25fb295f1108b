// What a merge does not do: overwrite more than was agreed to, wait for a lock without end, or hold its own for longer than
// it may. Each time nothing is changed, and the same command works afterwards.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { startOf } from '../../support/worlds/edge.ts';
import {
  consentTo,
  createMerge,
  type MergeWorld,
  mergeOf,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

const notes = async ({ us, eu }: MergeWorld): Promise<readonly string[]> => [
  await notesOf(us),
  await notesOf(eu),
];

test('refused: a lock that is not given, rows beyond what was agreed to, and more time than allowed', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a', max_lock: '2s' });
  const { us, eu, name, project } = world;
  const before = await notes(world);
  const apply = ['apply', '--auto-approve', ...consentTo(name)] as const;

  const reader = await holdTransaction(eu, 'LOCK TABLE orders IN ROW EXCLUSIVE MODE');
  const waiting = await project.steep(...apply, '--lock-timeout', '200ms', '--lock-retries', '1');
  expect(waiting.code, waiting.stdout + waiting.stderr).toBe(6);
  expect(waiting.stderr).toContain('Held by');
  expect(await notes(world)).toEqual(before);
  expect(
    await us.query(
      `SELECT FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = 'orders'::regclass`,
    ),
  ).toEqual([]);

  // The lock is waited for within max_lock.
  const long = await project.steep(...apply, '--lock-timeout', '20s');
  expect(long.stdout + long.stderr).toContain('MERGE_LOCK_TIME');
  expect(long.code).toBe(5);
  expect(await notes(world)).toEqual(before);
  await reader.commit();
  await project.describe(mergeOf(name, { strategy: 'prefer-node-a' }));

  const writer = await holdTransaction(eu, `UPDATE orders SET note = 'late' WHERE id = 50`);
  const run = project.start(...apply, '--json', '--lock-timeout', '20s');
  await run.until(startOf(`merge-pair eu/subscription.${name}_from_us`));
  await writer.commit();
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(4);
  expect(stdout).toContain('MERGE_MORE_LOSERS');
  expect(await notesOf(us)).toBe(before[0]);

  await project.describe(mergeOf(name, { strategy: 'prefer-node-a', max_overwrites: 5 }));
  const tooMany = await project.steep('plan');
  expect(tooMany.stdout).toMatch(
    /MERGE_REFUSED[\s\S]*6 rows would be overwritten here, and max_overwrites allows 5\./,
  );

  await project.describe(mergeOf(name, { strategy: 'prefer-node-a', max_overwrites: 7 }));
  const later = await holdTransaction(eu, `UPDATE orders SET note = 'later' WHERE id = 49`);
  const consent = [...apply, '--allow-hazard', 'MERGE_OVERWRITES=eu/table.public.customers'];
  const again = project.start(...consent, '--json', '--lock-timeout', '20s');
  await again.until(startOf(`merge-pair eu/subscription.${name}_from_us`));
  await later.commit();
  const done = await again.result;
  expect(done.code, done.stdout + done.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);
});

test('refused: values that may be there only once, and tables that cannot be merged', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, name, project } = world;
  await us.query(`INSERT INTO customers VALUES (3, 'same@x')`);
  await eu.query(`INSERT INTO customers VALUES (4, 'same@x')`);
  const before = await notes(world);
  const apply = ['apply', '--auto-approve', ...consentTo(name)] as const;
  const foreseen = await project.steep(...apply);
  expect(foreseen.code, foreseen.stdout + foreseen.stderr).toBe(3);
  expect(foreseen.stdout).toMatch(
    /MERGE_REFUSED .*MERGE_UNIQUE[\s\S]*customers_email_key[\s\S]*\(3\) of us and \(4\) of eu/,
  );
  const analyzed = await project.steep('merge', 'analyze', name);
  expect(analyzed.code, analyzed.stdout + analyzed.stderr).toBe(3);
  expect(analyzed.stdout).toContain('MERGE_UNIQUE');
  await eu.query(`UPDATE customers SET email = 'SAME@x' WHERE id = 4`);
  for (const node of [us, eu]) {
    await node.query('CREATE UNIQUE INDEX by_lower ON customers (lower(email))');
  }
  const twice = await project.steep(...apply);
  expect(twice.code, twice.stdout + twice.stderr).toBe(6);
  expect(twice.stdout + twice.stderr).toContain('MERGE_UNIQUE');
  expect(await notes(world)).toEqual(before);
  await eu.query(`UPDATE customers SET email = 'other@x' WHERE id = 4`);

  await eu.query(
    `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
  );
  await eu.query(
    `CREATE TRIGGER always BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION keep()`,
  );
  await eu.query('ALTER TABLE orders ENABLE ALWAYS TRIGGER always');
  await us.query('ALTER TABLE customers ALTER COLUMN email TYPE varchar(90)');
  await us.query('CREATE PUBLICATION other FOR TABLE customers');
  await eu.query(
    `CREATE SUBSCRIPTION other_${eu.name} CONNECTION '${us.conninfo.text}' PUBLICATION other
       WITH (slot_name = NONE, create_slot = false, enabled = false, copy_data = false)`,
  );
  const blocked = await project.steep('plan');
  expect(blocked.stdout).toContain('MERGE_TRIGGERS');
  expect(blocked.stdout).toMatch(/MERGE_REFUSED .*MERGE_COLUMNS/);
  expect(blocked.stdout).toContain('MERGE_REPLICATING');
  await eu.query(`DROP SUBSCRIPTION other_${eu.name}`);
  await us.query('DROP PUBLICATION other');
  await eu.query('DROP TRIGGER always ON orders');
  await us.query('ALTER TABLE customers ALTER COLUMN email TYPE text');
  const again = await project.steep(...apply);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders, { schema: 'public', name: 'customers' }]);
});
