// Merges that are refused under the locks, or cannot be finished: nothing is changed on either node, and what the user is told
// is what helps.

import { expect, test } from 'vitest';
import { applyDuring, once } from '../../support/worlds/failing-merge.ts';
import {
  beforeLocks,
  commitNumber,
  consentTo,
  createMerge,
  killApply,
  notesOf,
} from '../../support/worlds/merge.ts';

test('refused: another encoding', async () => {
  const { us, eu, name, project } = await createMerge({ strategy: 'prefer-node-a' });
  const latin = `${eu.name}_latin`;
  await eu.query(`CREATE DATABASE ${latin} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
  const url = new URL(eu.url);
  url.pathname = `/${latin}`;
  try {
    const other = project.with({ us: us.url, eu: url.href });
    const analyzed = await other.steep('merge', 'analyze', name);
    expect(analyzed.code, analyzed.stdout + analyzed.stderr).toBe(3);
    expect(analyzed.stdout).toContain('MERGE_ENCODING');
    const planned = await other.steep('plan');
    expect(planned.stdout).toMatch(/MERGE_REFUSED .*MERGE_ENCODING/);
  } finally {
    await eu.query(`DROP DATABASE ${latin} WITH (FORCE)`);
  }
});

test('refused: a publication that does not send every change of rows', async () => {
  const { name, project } = await createMerge({ strategy: 'prefer-node-a' });
  const file = await project.read('steep.yaml');
  await project.write(
    'steep.yaml',
    file.replace('    init:', '    publish: [insert, update]\n    init:'),
  );
  const planned = await project.steep('plan');
  expect(planned.stdout).toContain('MERGE_REFUSED');
  for (const publication of [`${name}_from_us`, `${name}_from_eu`]) {
    expect(planned.stdout).toContain(`Publication ${publication} does not send delete`);
  }
});

test('interrupted: a change without the key, and a slot that is lost', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, name, project } = world;
  for (const database of [us, eu]) {
    await database.query('ALTER TABLE orders ADD COLUMN serial int');
    await database.query('UPDATE orders SET serial = id');
    await database.query('ALTER TABLE orders ALTER COLUMN serial SET NOT NULL');
    await database.query('CREATE UNIQUE INDEX by_serial ON orders (serial)');
  }
  const apply = ['apply', '--auto-approve', '--wait-for-lock', '60s', ...consentTo(name)] as const;
  await killApply(world, commitNumber(2));
  const rows = await notesOf(eu);
  await us.query('ALTER TABLE orders REPLICA IDENTITY USING INDEX by_serial');
  await us.query('DELETE FROM orders WHERE id = 21');
  await us.query('ALTER TABLE orders REPLICA IDENTITY DEFAULT');
  const unread = await project.steep(...apply);
  expect(unread.stdout + unread.stderr).toContain('MERGE_CHANGES_UNREAD');
  expect(unread.code).toBe(6);
  expect(await notesOf(eu)).toBe(rows);

  await us.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
  );
  const lost = await project.steep(...apply);
  expect(lost.code, lost.stdout + lost.stderr).not.toBe(0);
  expect(await notesOf(eu)).toBe(rows);
  expect(await eu.query('SELECT FROM orders WHERE id = 21')).toHaveLength(1);
});

test('refused: all reasons of a table at once', async () => {
  const { us, eu, name, project } = await createMerge({
    strategy: 'prefer-node-a',
    max_overwrites: 4,
  });
  for (const node of [us, eu]) {
    await node.query('CREATE TABLE regions (id int PRIMARY KEY)');
    await node.query('ALTER TABLE orders ADD region int REFERENCES regions, ADD code text UNIQUE');
  }
  await us.query('INSERT INTO regions VALUES (9)');
  await us.query(`UPDATE orders SET region = 9, code = 'one' WHERE id = 200`);
  await eu.query(`UPDATE orders SET code = 'one' WHERE id = 301`);
  const planned = await project.steep('plan');
  const said = planned.stdout.replaceAll(/\s+/g, ' ');
  const reasons = ['MERGE_UNIQUE', 'MERGE_DANGLING'].map((code) => `cannot be merged (${code})`);
  for (const reason of [...reasons, '5 rows would be overwritten here']) {
    expect(said).toContain(reason);
  }
  const applied = await project.steep('apply', '--auto-approve', ...consentTo(name));
  expect(applied.code, applied.stdout + applied.stderr).toBe(3);
  for (const reason of reasons) expect(applied.stderr).toContain(reason);
  for (const code of ['MERGE_UNIQUE', 'MERGE_DANGLING']) {
    expect(applied.stderr).toContain(`steep explain ${code}`);
  }
});

test('refused: every other subscription that brings a table', async () => {
  const { us, eu, project } = await createMerge({ strategy: 'prefer-node-a' });
  await us.query('CREATE PUBLICATION other FOR TABLE customers');
  for (const number of [1, 2]) {
    await eu.query(
      `CREATE SUBSCRIPTION other_${number}_${eu.name} CONNECTION '${us.conninfo.text}' PUBLICATION other
         WITH (slot_name = NONE, create_slot = false, enabled = false, copy_data = false)`,
    );
  }
  const planned = await project.steep('plan');
  for (const number of [1, 2]) {
    expect(planned.stdout).toContain(`Subscription other_${number}_${eu.name} of node eu brings`);
  }
});

test('refused: a row that is changed as it is stored, with nothing changed on either node', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, name, project } = world;
  const before = [await notesOf(us), await notesOf(eu)];
  await eu.query(`CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN NEW.note := 'marked'; RETURN NEW; END $$`);
  // After the plan, which refuses such a trigger.
  const changing = once(beforeLocks, async () => {
    await eu.query(
      'CREATE TRIGGER mark BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION mark()',
    );
    await eu.query('ALTER TABLE orders ENABLE ALWAYS TRIGGER mark');
  });
  const refused = await applyDuring(world, changing);
  expect(refused.code, refused.stdout + refused.stderr).toBe(6);
  expect(refused.stdout + refused.stderr).toMatch(/MERGE_NOT_EQUAL/);
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
  const apply = ['apply', '--auto-approve', ...consentTo(name)] as const;
  expect((await project.steep(...apply)).stdout).toContain('MERGE_TRIGGERS');
  await eu.query('DROP TRIGGER mark ON orders');
  expect((await project.steep(...apply)).code).toBe(0);
});
