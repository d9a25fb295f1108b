// Cures that a plan prints, carried out as they are printed: afterwards both ends hold the same rows.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';
import { cureAsPrinted, installed, rowsWorld } from './rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: the slot of a subscription is gone', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables: 'CREATE TABLE items (id int PRIMARY KEY, note text)',
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: { tables: ['items'] },
  });
  const { publisher, subscriber, slot } = world;
  await world.steep(0, 'apply', '--auto-approve');
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await waitFor('the slot to be free', async () => {
    const found = await publisher.query(
      `SELECT FROM pg_replication_slots WHERE slot_name = '${slot}' AND NOT active`,
    );
    return found.length === 1;
  });
  await publisher.query(`SELECT pg_drop_replication_slot('${slot}')`);
  await publisher.query('INSERT INTO items VALUES (1001)');
  const plan = await world.steep(0, 'plan');
  expect(plan).toMatch(/BLOCK +SLOT_MISSING /);
  await cureAsPrinted(world, plan);
  await waitForSameRows(publisher, subscriber, items);
});

test.each(
  installed([
    [14, 18],
    [14, 14],
  ]),
)(
  '%s to %s: a partition that a table of the subscriber refers to is copied again',
  async (...pair) => {
    const world = await rowsWorld({
      pair,
      tables: `CREATE TABLE events (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE early PARTITION OF events FOR VALUES FROM (0) TO (100);
      CREATE TABLE late PARTITION OF events FOR VALUES FROM (100) TO (200)`,
      rows: 'INSERT INTO events SELECT n FROM generate_series(1, 150) n',
      publication: { tables: ['early', 'late'] },
    });
    const { publisher, subscriber } = world;
    await world.steep(0, 'apply', '--auto-approve');
    await subscriber.query(`CREATE TABLE own (event int CONSTRAINT of_event REFERENCES events);
    INSERT INTO own VALUES (1)`);
    const reset = ['init', 'reset', 'subscriber', '--tables', 'public.early', '--auto-approve'];
    const said = (await world.steep(3, ...reset)).replaceAll(/\s+/g, ' ');
    const [drop = ''] = /ALTER TABLE public\.own DROP CONSTRAINT [^;]*;/.exec(said) ?? [];
    const [add = ''] = /ALTER TABLE public\.own ADD CONSTRAINT [^;]*;/.exec(said) ?? [];
    await subscriber.query(drop);
    const consent = ['--allow-hazard', 'TARGET_TRUNCATE=subscriber/subscription.items'];
    await world.steep(0, ...reset, ...consent);
    await subscriber.query(add);
    const copied = ['early', 'late'].map((name) => ({ schema: 'public', name }));
    await waitForSameRows(publisher, subscriber, copied);
  },
);

test.each(
  installed([
    [14, 18],
    [18, 18],
  ]),
)('%s to %s: what PostgreSQL copies of an interrupted copy, its role may read', async (...pair) => {
  const world = await rowsWorld({
    pair,
    tables:
      'CREATE TABLE items (id int PRIMARY KEY); CREATE TABLE held (id int PRIMARY KEY, note text)',
    rows: `INSERT INTO items SELECT n FROM generate_series(1, 100) n; ALTER TABLE held ALTER note SET STORAGE PLAIN;
      INSERT INTO held SELECT n, repeat('large', 1500) FROM generate_series(1, 1200) n`,
    publication: { tables: ['items', 'held'] },
    nodes: { publisher: { replication_connection: `\${REPLICATION_URL}` } },
  });
  const { publisher, subscriber } = world;
  const role = `reader_${publisher.name}`;
  await publisher.query(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'secret'`);
  onTestFinished(async () => {
    await publisher.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
  const url = new URL(publisher.url);
  url.username = role;
  url.password = 'secret';
  const project = world.project.withEnvironment({ REPLICATION_URL: url.href });
  const lock = await holdTransaction(subscriber, 'LOCK TABLE held IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(
    ({ event, table }) => event === 'init.table_complete' && table === 'public.items',
  );
  run.kill('SIGKILL');
  await run.result;
  await lock.commit();
  const applying = ['apply', '--auto-approve', '--wait-for-lock', '30s'];
  const refused = await project.steep(...applying);
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  expect(refused.stdout).toMatch(/BLOCK +PRIVILEGE /);
  const [grant = ''] = /GRANT SELECT ON public\.held TO \w+;/.exec(refused.stdout) ?? [];
  await publisher.query(grant);
  const applied = await project.steep(...applying);
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  const copied = ['items', 'held'].map((name) => ({ schema: 'public', name }));
  await waitForSameRows(publisher, subscriber, copied);
});

test('a table without columns needs no key to be published with REPLICA IDENTITY FULL', async () => {
  const world = await rowsWorld({
    pair: [newestMajor, newestMajor],
    tables: 'CREATE TABLE items (); ALTER TABLE items REPLICA IDENTITY FULL',
    publication: { tables: ['items'] },
  });
  expect(await world.steep(0, 'plan')).not.toContain('REPLICA_IDENTITY_MISSING');
  await world.steep(0, 'apply', '--auto-approve');
  await world.publisher.query('INSERT INTO items DEFAULT VALUES');
  await waitFor('the row', async () => {
    const rows = await world.subscriber.query('SELECT FROM items');
    return rows.length === 1;
  });
});

test('tables that are sent on: the printed order of things copies them again everywhere', async () => {
  const server = await cluster.server(newestMajor);
  const [first, second, third] = [
    await server.createDatabase(),
    await server.createDatabase(),
    await server.createDatabase(),
  ];
  onTestFinished(async () => {
    for (const database of [third, second, first]) await database.drop();
  });
  for (const database of [first, second, third])
    await database.query(
      'CREATE TABLE items (id int PRIMARY KEY); CREATE TABLE others (id int PRIMARY KEY)',
    );
  await first.query('INSERT INTO items SELECT n FROM generate_series(1, 10) n');
  const edge = (node: string, source: string) => ({
    node,
    source,
    publications: [source],
    slot: `${node}_${first.name}`,
  });
  const publication = (node: string, tables: readonly string[]) => ({ node, tables });
  const topology = (sentOn: readonly string[]) => ({
    publications: {
      first: publication('first', ['items', 'others']),
      second: publication('second', sentOn),
    },
    subscriptions: { second: edge('second', 'first'), third: edge('third', 'second') },
  });
  const connections = { first: first.url, second: second.url, third: third.url };
  const project = await createProject(connections, topology(['items', 'others']));
  const steep = async (exit: number, ...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.steep(...args);
    expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(exit);
    return stdout;
  };
  await steep(0, 'apply', '--auto-approve');
  // A row that is missing on the second node, and so on the third.
  await second.query('DELETE FROM items WHERE id = 5');
  const again = ['apply', '--auto-approve', '--reinit', 'second/copy.second:public.items'];
  const consent = ['--allow-hazard', 'TARGET_TRUNCATE=second/subscription.second'];
  const refused = await steep(3, ...again, ...consent);
  expect(refused).toMatch(
    /BLOCK +TARGET_SENT_ON +Remove the tables from that publication first, and apply/,
  );
  await project.describe(topology(['others']));
  await steep(0, 'apply', '--auto-approve');
  await steep(0, ...again, ...consent);
  await third.query('TRUNCATE items');
  await project.describe(topology(['items', 'others']));
  const back = await steep(0, 'plan');
  expect(back).not.toMatch(/COPY_INTO_NONEMPTY|PUBLICATION_GAP/);
  await steep(0, 'apply', '--auto-approve');
  await waitForSameRows(first, second, items);
  await waitForSameRows(first, third, items);
});
