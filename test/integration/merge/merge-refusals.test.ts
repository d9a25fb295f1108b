// Merges that are refused under the locks, or cannot be finished: nothing is changed on either node, and what the user is told
// is what helps.

import { expect, test } from 'vitest';
import {
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
