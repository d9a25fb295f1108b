// Columns that ALTER TABLE renames, replaces, adds or rewrites while steep copies their table: no slot brings what they then
// mean, so the run stops, and the same command copies these tables again.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { startProxy } from '../../support/statement-proxy/start-proxy.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';
import { createProject } from '../../support/worlds/project.ts';

const smallChunks = {
  NODE_OPTIONS: `--import ${new URL('../../chaos/small-chunks.ts', import.meta.url).href}`,
};

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
    'GRANT SELECT (a) ON tuned TO PUBLIC',
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

interface Swap {
  readonly what: string;
  readonly end: 'publisher' | 'subscriber';
  /** Before these statements the names are swapped, and before the second next of them swapped back. */
  readonly before: RegExp;
  readonly from: number;
  readonly statements: readonly string[];
  readonly said: string;
}

const swaps: readonly Swap[] = [
  {
    what: 'columns while rows are read',
    end: 'publisher',
    before: /^COPY .*TO STDOUT/s,
    from: 3,
    statements: swap('t'),
    said: 'public.t was altered while its rows were read: column a was renamed',
  },
  {
    what: 'columns while rows are stored',
    end: 'subscriber',
    before: /^LOCK TABLE .*\bt\b.* ROW EXCLUSIVE/s,
    from: 3,
    statements: swap('t'),
    said: 'public.t was altered while its rows were stored: column a was renamed',
  },
  {
    what: 'tables of one load while rows are stored',
    end: 'subscriber',
    before: /^LOCK TABLE .*small.* ROW EXCLUSIVE/s,
    from: 1,
    statements: [
      'ALTER TABLE small RENAME TO q',
      'ALTER TABLE other RENAME TO small',
      'ALTER TABLE q RENAME TO other',
    ],
    said: 'was altered while its rows were stored: another table has its name',
  },
];

test.each(widest.flatMap((major) => swaps.map((swapped) => ({ major, ...swapped }))))(
  '$major: $what are swapped, and swapped back',
  async ({ major, end, before, from, ...swapped }) => {
    const server = await cluster.server(major);
    const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
    onTestFinished(async () => {
      await subscriber.drop();
      await publisher.drop();
    });
    const databases = { publisher, subscriber };
    for (const database of [publisher, subscriber]) {
      for (const name of ['t', 'small', 'other']) {
        await database.query(`CREATE TABLE ${name} (id int PRIMARY KEY, a text, b text)`);
      }
    }
    await publisher.query(
      `INSERT INTO t SELECT n, 'a' || n || repeat('x', 80), 'b' || n FROM generate_series(1, 12000) n;
     INSERT INTO small SELECT n, 'small', 'b' FROM generate_series(1, 50) n;
     INSERT INTO other SELECT n, 'other', 'b' FROM generate_series(1, 50) n`,
    );
    let [seen, swapCount] = [0, 0];
    const exchange = async (): Promise<void> => {
      swapCount += 1;
      await databases[end].query(swapped.statements.join(';'));
    };
    const proxy = await startProxy({
      node: end,
      port: Number(databases[end].conninfo.get('port')),
      onPassing: async ({ side, text }) => {
        if (side !== 'before' || !before.test(text)) return;
        seen += 1;
        if (swapCount < 2 && (seen === from || seen === from + 2)) await exchange();
      },
    });
    onTestFinished(() => proxy.close());
    const urls = { publisher: publisher.url, subscriber: subscriber.url };
    const through = databases[end].conninfo.with({ port: String(proxy.port) });
    const project = await createProject(
      { ...urls, [end]: urlOf(through) },
      {
        publications: { t: { node: 'publisher', tables: ['t', 'small', 'other'] } },
        subscriptions: {
          t: {
            node: 'subscriber',
            source: 'publisher',
            publications: ['t'],
            slot: `t_${publisher.name}`,
            init: { parallel_workers: 1 },
          },
        },
      },
    );
    const small = project.withEnvironment(smallChunks);
    const { code, stdout, stderr } = await small.steep('apply', '--auto-approve');
    expect(code, stdout + stderr).toBe(6);
    expect(stdout).toContain(swapped.said);
    if (swapCount === 1) await exchange();
    swapCount = 2;
    const again = await small.steep('apply', '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    const copied = ['t', 'small', 'other'].map((name) => ({ schema: 'public', name }));
    await waitForSameRows(publisher, subscriber, copied);
  },
);
