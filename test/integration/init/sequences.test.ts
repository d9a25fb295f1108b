// Sequences are not replicated: whoever copies the rows, those of the copied tables are on the subscriber as far as they
// are on the source when the copy ends.

import { expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { firstByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';

const widest = firstByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);
const newest = Math.max(...majors);
const names = ['items', 'orders', 'refunds'];

/** Each table has rows, and a sequence that is ahead of them. Of 6000 rows the first two are too large for one transaction. */
const worldOf = async (
  major: number,
  init: object,
  { published = names, rows = 100 }: { published?: readonly string[]; rows?: number } = {},
) => {
  const server = await cluster.server(major);
  const publisher = await server.createDatabase();
  const subscriber = await server.createDatabase();
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  for (const database of [publisher, subscriber]) {
    for (const name of names) {
      await database.query(`CREATE TABLE ${name} (id serial PRIMARY KEY, note text NOT NULL);
        ALTER TABLE ${name} ALTER note SET STORAGE PLAIN`);
    }
  }
  for (const name of names) {
    const note = name === 'refunds' ? "'first'" : "repeat('first', 400)";
    await publisher.query(`INSERT INTO ${name} (note) SELECT ${note} FROM generate_series(1, ${rows});
      SELECT setval('${name}_id_seq', 7000)`);
  }
  const slot = `feed_${publisher.name}`;
  const topology = (tables: readonly string[]) => ({
    publications: { sales: { node: 'publisher', tables } },
    subscriptions: {
      feed: { node: 'subscriber', source: 'publisher', publications: ['sales'], slot, init },
    },
  });
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  const project = await createProject(connections, topology(published));
  const steep = async (exit: number, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.steep(...args);
    expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(exit);
    return stdout + stderr;
  };
  return { publisher, subscriber, project, topology, steep };
};

const positions = (database: TestDatabase) =>
  database.query<{ name: string; value: string }>(
    `SELECT sequencename AS name, last_value::int AS value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`,
  );

const all = (value: number) => names.map((name) => ({ name: `${name}_id_seq`, value }));

test.each(widest)('%i: PostgreSQL copies the rows, and a table that joins', async (major) => {
  const world = await worldOf(
    major,
    { copy: 'native' },
    {
      published: ['items', 'orders'],
    },
  );
  const { subscriber, publisher, project, topology, steep } = world;
  const plan = await steep(0, 'plan');
  expect(plan).toContain('setval: bring the sequences of public.items');
  expect(plan).toMatch(/notice +SEQUENCES_SET_ONCE/);
  expect(plan).not.toContain('SEQUENCE_BEHIND');
  // What is ahead stays.
  await subscriber.query(`SELECT setval('orders_id_seq', 9000)`);
  await steep(0, 'apply', '--auto-approve');
  expect(await positions(subscriber)).toMatchObject([
    { name: 'items_id_seq', value: 7000 },
    { name: 'orders_id_seq', value: 9000 },
    { name: 'refunds_id_seq', value: null },
  ]);
  expect(await steep(0, 'plan')).toMatch(/^No changes\. /m);
  await publisher.query(`SELECT setval('items_id_seq', 7500), setval('refunds_id_seq', 7500)`);
  await project.describe(topology(names));
  await steep(0, 'apply', '--auto-approve');
  expect(await positions(subscriber)).toMatchObject([
    { name: 'items_id_seq', value: 7000 },
    { name: 'orders_id_seq', value: 9000 },
    { name: 'refunds_id_seq', value: 7500 },
  ]);
});

test('steep is killed, and PostgreSQL copies the rest', async () => {
  const { subscriber, publisher, project, steep } = await worldOf(
    newest,
    { parallel_workers: 1 },
    { rows: 6000 },
  );
  const lock = await holdTransaction(subscriber, 'LOCK TABLE refunds IN SHARE MODE');
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
  await steep(0, 'apply', '--auto-approve');
  expect(await positions(subscriber)).toEqual(all(7000));
  expect(await steep(0, 'plan')).toMatch(/^No changes\. /m);
});

test('a run that does not wait leaves it to the next one', async () => {
  const { subscriber, steep } = await worldOf(newest, { copy: 'native' });
  await steep(0, 'apply', '--auto-approve', '--no-wait');
  expect(await positions(subscriber)).not.toEqual(all(7000));
  await steep(0, 'apply', '--auto-approve');
  expect(await positions(subscriber)).toEqual(all(7000));
  expect(await steep(0, 'plan')).toMatch(/^No changes\. /m);
});

test('tables that joined, and whose run was killed before their sequences', async () => {
  const world = await worldOf(newest, { copy: 'native' }, { published: ['items'] });
  const { publisher, subscriber, project, topology, steep } = world;
  await steep(0, 'apply', '--auto-approve');
  const late = [
    { name: 'items_id_seq', value: 7000 },
    { name: 'orders_id_seq', value: null },
    { name: 'refunds_id_seq', value: null },
  ];
  await project.describe(topology(names));
  const lock = await holdTransaction(subscriber, 'LOCK TABLE refunds IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json');
  await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'wait-for-copy');
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  await waitFor('all tables to be ready', async () => {
    const unready = `SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r'`;
    return (await subscriber.query(unready)).length === 0;
  });
  expect(await positions(subscriber)).toMatchObject(late);
  // A part of the file is not a reason to forget it.
  await publisher.query('CREATE TABLE others (id int PRIMARY KEY)');
  const other = { others: { node: 'publisher', tables: ['others'] } };
  const both = { ...topology(names).publications, ...other };
  await project.describe({ ...topology(names), publications: both });
  await steep(0, 'apply', '--auto-approve', '--target', 'publisher/publication.others');
  expect(await positions(subscriber)).toMatchObject(late);
  const left = await steep(0, 'plan');
  expect(left).toMatch(/those of public\.orders, public\.refunds are set/);
  expect(left).toContain('setval: bring the sequences of public.orders');
  await steep(0, 'apply', '--auto-approve');
  expect(await positions(subscriber)).toEqual(all(7000));
  expect(await steep(0, 'plan')).toMatch(/^No changes\. /m);
});

test('what the role may not read stays behind, and the plan says why', async () => {
  const world = await worldOf(newest, { copy: 'native' });
  const { publisher, subscriber, project } = world;
  const role = `reader_${publisher.name}`;
  const database = publisher.name;
  await publisher.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'secret'`);
  onTestFinished(async () => {
    await publisher.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  await publisher.query(`ALTER ROLE ${role} NOSUPERUSER REPLICATION;
    GRANT CREATE ON DATABASE ${database} TO ${role};
    ALTER TABLE items OWNER TO ${role}; ALTER TABLE orders OWNER TO ${role}; ALTER TABLE refunds OWNER TO ${role};
    REVOKE ALL ON SEQUENCE refunds_id_seq FROM ${role}`);
  const url = new URL(publisher.url);
  url.username = role;
  url.password = 'secret';
  const limited = project.with({ publisher: url.href });
  const plan = await limited.steep('plan');
  expect(plan.stdout).toMatch(
    /warning +SEQUENCE_BEHIND .*public\.refunds \(no right to read public\.refunds_id_seq on node publisher\)/,
  );
  const grants = await limited.steep('doctor', '--grants');
  expect(grants.stdout).toContain('GRANT SELECT ON SEQUENCE public.refunds_id_seq');
  const applied = await limited.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  expect(await positions(subscriber)).toMatchObject([
    { value: 7000 },
    { value: 7000 },
    { name: 'refunds_id_seq', value: null },
  ]);
});

test('each node keeps to its own numbers', async () => {
  const { subscriber, steep } = await worldOf(newest, { parallel_workers: 1 });
  await subscriber.query(`ALTER SEQUENCE items_id_seq INCREMENT BY 2 RESTART WITH 3`);
  await steep(0, 'apply', '--auto-approve');
  const [next] = await subscriber.query<{ next: number }>(
    `SELECT nextval('items_id_seq')::int AS next`,
  );
  expect(next).toEqual({ next: 7003 });
});
