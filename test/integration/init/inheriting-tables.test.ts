// Tables that inherit (INHERITS) from other published tables: PostgreSQL publishes them with their parents, and steep copies
// each alone.

import { expect, test } from 'vitest';
import { lockTables } from '../../../src/postgres/sql/named-tables.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { firstByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge } from '../../support/worlds/edge.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { open } from '../copy/copy-under-test.ts';
import { dropSnapshotSlots, newDirectory } from '../snapshot/snapshot-under-test.ts';

const widest = firstByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);
const names = ['parent', 'child', 'grandchild'];

/** The first two are each too large to be loaded with others: grandchild and later come after them. */
const tables = (...rows: readonly string[]) => `
  CREATE TABLE parent (id int PRIMARY KEY, note text);
  CREATE TABLE child (more int, PRIMARY KEY (id)) INHERITS (parent);
  CREATE TABLE grandchild (PRIMARY KEY (id)) INHERITS (child);
  CREATE TABLE later (id int PRIMARY KEY);
  ALTER TABLE parent ALTER note SET STORAGE PLAIN;
  ${rows.join(';')}`;

const manyRows = [
  `INSERT INTO parent SELECT n, repeat('parent', 300) FROM generate_series(1, 6000) n`,
  `INSERT INTO child SELECT n, repeat('child', 400), n FROM generate_series(6001, 12000) n`,
  `INSERT INTO grandchild SELECT n, 'grandchild', n FROM generate_series(12001, 12100) n`,
];

const qualifiedNames = names.map((name) => ({ schema: 'public', name }));

/** Kills the command when parent and child are there, changes parent, and runs it to its end. */
const interrupted = async (
  project: Project,
  target: TestDatabase,
  begin: readonly string[],
  again: readonly string[],
): Promise<void> => {
  const lock = await holdTransaction(target, 'LOCK TABLE later IN SHARE MODE');
  const run = project.start(...begin);
  await waitFor('parent and child are loaded', async () => {
    const [row] = await target
      .query<{ readonly n: number }>(
        'SELECT count(DISTINCT table_name)::int AS n FROM steep_repl.copy_chunks',
      )
      .catch(() => []);
    return row?.n === 2;
  });
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  await target.query('DELETE FROM ONLY parent WHERE id < 100');
  const ended = await project.steep(...again);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
};

test.each(widest)('%i: an interrupted copy continues with parents and children', async (major) => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project, topology } = edge;
  await publisher.query(tables(...manyRows));
  await subscriber.query(tables());
  await project.describe({
    ...topology,
    publications: { items: { node: 'publisher', tables: [...names, 'later'] } },
    subscriptions: {
      items: { ...topology.subscriptions?.items, init: { parallel_workers: 1 } },
    },
  });
  const apply = ['apply', '--auto-approve'] as const;
  await interrupted(project, subscriber, [...apply, '--lock-retries', '100'], apply);
  await waitForSameRows(publisher, subscriber, qualifiedNames);
});

test('a snapshot is loaded into parents and children, also after an interruption', async () => {
  const source = await cluster.database(newestMajor);
  const target = await cluster.database(Math.min(...majors));
  onTestFinished(async () => void (await dropSnapshotSlots(source)));
  await source.query(`${tables(...manyRows)}; CREATE PUBLICATION sales FOR TABLE parent, later`);
  // Rows of a child are not those of its parent, which is empty: no reason to refuse.
  await target.query(
    tables('CREATE TABLE own () INHERITS (parent)', 'INSERT INTO own VALUES (-1)'),
  );
  const project = await createProject({ source: source.url, target: target.url }, {});
  const place = await newDirectory();
  const make = ['--node', 'source', '--publication', 'sales', '--output', `${place}/s`];
  const made = await project.steep('snapshot', 'generate', ...make);
  expect(made.code, made.stderr).toBe(0);
  const load = ['snapshot', 'apply', '--node', 'target', '--input', `${place}/s`, '--jobs', '1'];
  const force = ['--force', '--allow-hazard', 'TARGET_TRUNCATE=target/node.target'];
  await interrupted(project, target, load, [...load, ...force]);
  await waitForSameRows(source, target, qualifiedNames);
  expect(await target.query('SELECT id FROM own')).toEqual([{ id: -1 }]);
});

test.each(widest)('%i: those that inherit are copied again', async (major) => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project } = edge;
  for (const database of [publisher, subscriber]) {
    await database.query(tables());
  }
  await publisher.query(`
    INSERT INTO parent SELECT n, 'parent' FROM generate_series(1, 100) n;
    INSERT INTO child SELECT n, 'child', n FROM generate_series(101, 200) n;
    INSERT INTO grandchild SELECT n, 'grandchild', n FROM generate_series(201, 300) n`);
  await project.describe({
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', ...names] } },
  });
  const first = await project.steep('apply', '--auto-approve');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  await waitForSameRows(publisher, subscriber, qualifiedNames);
  let next = 1000;
  for (const chosen of [['parent'], ['grandchild'], ['child', 'grandchild'], ['child']]) {
    const addresses = chosen.map((name) => `subscriber/copy.items:public.${name}`);
    const chosenAddresses = addresses.flatMap((address) => ['--reinit', address]);
    const again = await project.steep(
      'apply',
      '--auto-approve',
      '--allow-hazard',
      'TARGET_TRUNCATE=subscriber/subscription.items',
      ...chosenAddresses,
    );
    expect(again.code, again.stdout + again.stderr).toBe(0);
    next += 1;
    await publisher.query(`INSERT INTO grandchild VALUES (${next}, 'later')`);
    await waitForSameRows(publisher, subscriber, qualifiedNames);
  }
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test.each(widest)(
  '%i: a copy that was killed between a table and one that inherits from it',
  async (major) => {
    const server = await cluster.server(major);
    const edge = await createEdge({ publisher: server, subscriber: server });
    const { publisher, subscriber, project } = edge;
    for (const database of [publisher, subscriber]) {
      await database.query(`
      CREATE TABLE parent (id int PRIMARY KEY, note text NOT NULL);
      ALTER TABLE parent ALTER note SET STORAGE PLAIN;
      CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent)`);
    }
    await publisher.query(`
    INSERT INTO parent SELECT n, repeat('parent', 400) FROM generate_series(1, 3200) n;
    INSERT INTO child SELECT n, 'child' FROM generate_series(6001, 6100) n`);
    await project.describe({
      ...edge.topology,
      publications: { items: { node: 'publisher', tables: ['items', 'parent', 'child'] } },
    });
    const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
    const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
    await run.until(({ event }) => event === 'init.table_complete');
    run.kill('SIGKILL');
    await run.result;
    await lock.commit();
    for (const database of [publisher, subscriber]) {
      await database.query(
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'steep %'`,
      );
    }
    expect((await project.steep('plan')).stdout).toMatch(
      /table public\.child .*# initial copy by PostgreSQL/,
    );
    const again = await project.steep('apply', '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    const tables = ['items', 'parent', 'child'].map((name) => ({ schema: 'public', name }));
    await waitForSameRows(publisher, subscriber, tables);
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  },
);

test('a parent is locked without its children', async () => {
  const database = await cluster.database(newestMajor);
  await database.query(tables());
  const session = await open(database.conninfo, 'publisher');
  onTestFinished(() => session.close());
  const child = await holdTransaction(database, 'LOCK TABLE child IN ACCESS EXCLUSIVE MODE');
  const parent = { schema: 'public', name: 'parent' };
  const locked = await session.transaction({}, () =>
    lockTables(session, [parent], 'SHARE UPDATE EXCLUSIVE', { nowait: true }),
  );
  expect([...locked]).toEqual([['public.parent', 'table']]);
  await child.commit();
});
