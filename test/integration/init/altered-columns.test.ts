// Columns that ALTER TABLE renames, replaces, adds or rewrites while steep copies their table: no slot brings what they then
// mean, so the run stops, and the same command copies these tables again.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

const swap = (table: string): readonly string[] => [
  `ALTER TABLE ${table} RENAME a TO q`,
  `ALTER TABLE ${table} RENAME b TO a`,
  `ALTER TABLE ${table} RENAME q TO b`,
];

/** By table: what happens to it on the publisher. */
const published: Readonly<Record<string, readonly string[]>> = {
  swapped: swap('swapped'),
  replaced: [`ALTER TABLE replaced DROP COLUMN b, ADD COLUMN b text DEFAULT 'second'`],
  widened: [
    `ALTER TABLE widened ADD COLUMN c text DEFAULT 'second'`,
    'ALTER TABLE widened ALTER c DROP DEFAULT',
  ],
  rewritten: ['ALTER TABLE rewritten ALTER b TYPE text USING upper(b)'],
};
/** On the subscriber. */
const stored: Readonly<Record<string, readonly string[]>> = {
  swapped_here: swap('swapped_here'),
  replaced_here: [`ALTER TABLE replaced_here DROP COLUMN b, ADD COLUMN b text`],
};
/** On both: nothing that a copy does not bring. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  kept: ['ALTER TABLE kept ADD COLUMN c text', 'ALTER TABLE kept ALTER b SET DEFAULT 1'],
  smaller: ['ALTER TABLE smaller DROP COLUMN b'],
};
/** On the publisher: nothing that changes a value. */
const maintained: Readonly<Record<string, readonly string[]>> = {
  vacuumed: ['VACUUM FULL vacuumed', `COMMENT ON COLUMN vacuumed.a IS 'kept'`],
  tuned: [
    'GRANT SELECT (a) ON tuned TO PUBLIC; GRANT SELECT (a) ON tuned TO PUBLIC; GRANT SELECT ON tuned TO PUBLIC',
    'GRANT USAGE ON SCHEMA public TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC',
    'ALTER TABLE tuned ALTER a SET STATISTICS 10, ALTER b SET STORAGE PLAIN, ALTER b SET NOT NULL',
    'VACUUM (FREEZE, ANALYZE) tuned',
  ],
};
const unaltered = [harmless, maintained].flatMap((tables) => Object.keys(tables));
const names = [...[published, stored].flatMap((tables) => Object.keys(tables)), ...unaltered];

const edgeOf = async (major: number): Promise<Edge> => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project, topology } = edge;
  for (const name of names) {
    const create = `CREATE TABLE ${name} (id int PRIMARY KEY, a text, b text)`;
    await publisher.query(create);
    await subscriber.query(create);
    await publisher.query(`INSERT INTO ${name} SELECT n, 'a', 'b' FROM generate_series(1, 500) n`);
  }
  // Too large for one transaction with the others.
  await publisher.query(`ALTER TABLE items ALTER note SET STORAGE PLAIN;
    INSERT INTO items SELECT n, repeat('large', 1500) FROM generate_series(1001, 2200) n`);
  await project.describe({
    ...topology,
    publications: { items: { node: 'publisher', tables: ['items', ...names] } },
  });
  return edge;
};

const alter = async ({ publisher, subscriber }: Edge): Promise<void> => {
  for (const statement of [published, maintained].flatMap((tables) => Object.values(tables).flat()))
    await publisher.query(statement);
  for (const statement of Object.values(stored).flat()) await subscriber.query(statement);
  for (const statement of Object.values(harmless).flat()) {
    await publisher.query(statement);
    await subscriber.query(statement);
  }
  await subscriber.query('ALTER TABLE widened ADD COLUMN c text');
};

/** Until all tables but the large one are stored, which waits for a lock. */
const startCopy = async ({ project, subscriber }: Edge) => {
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  const complete = new Set<unknown>();
  await run.until(({ event, table }) => {
    if (event === 'init.table_complete') complete.add(table);
    return complete.size === names.length;
  });
  return { lock, run };
};

const expectSame = async (
  { publisher, subscriber, project }: Edge,
  ...flags: readonly string[]
): Promise<void> => {
  const again = await project.steep('apply', '--auto-approve', ...flags);
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await waitForSameRows(
    publisher,
    subscriber,
    ['items', ...names].map((name) => ({ schema: 'public', name })),
  );
};

const widest = lastByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);

test.each(widest)('%i: while the tables are copied', async (major) => {
  const edge = await edgeOf(major);
  const { lock, run } = await startCopy(edge);
  await alter(edge);
  await lock.commit();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toContain('COPY_TABLE_REPLACED');
  expect(stdout).toContain('public.swapped (column a was renamed to b on the source)');
  expect(stdout).toContain('public.replaced (column b was dropped and added again on the source)');
  expect(stdout).toContain('public.widened (column c was added, with values');
  expect(stdout).toContain('public.rewritten (column b was altered, and the rows were rewritten');
  for (const name of unaltered) expect(stdout).not.toContain(`public.${name} (`);
  const plan = await edge.project.steep('plan');
  expect(plan.stdout).toMatch(/column a was renamed to b on the subscriber/);
  await expectSame(edge);
});

test(`${Math.max(...majors)}: on the subscriber alone`, async () => {
  const edge = await edgeOf(Math.max(...majors));
  const { lock, run } = await startCopy(edge);
  for (const statement of Object.values(stored).flat()) await edge.subscriber.query(statement);
  await lock.commit();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toContain('COPY_CHANGED');
  expect(stdout).toContain('public.replaced_here (column b was dropped and added again on the');
  // Which reads no row of the kept tables, and copies these again all the same.
  await expectSame(edge, '--no-check');
});
