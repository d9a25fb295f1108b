// Schemas that change while an application writes: what is added, dropped and new arrives, and the worker that
// applies never stops nor counts an error.

import { expect, test } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, pairs } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Project, type Topology } from '../../support/worlds/project.ts';
import { startWriter } from '../../support/worlds/writer.ts';

const topology = (feed: string, tables: readonly unknown[]): Topology => ({
  publications: { sales: { node: 'publisher', tables } },
  subscriptions: {
    [feed]: {
      node: 'subscriber',
      source: 'publisher',
      publications: ['sales'],
      schema_sync: 'auto',
      init: { method: 'snapshot', copy: 'native' },
    },
  },
  policy: { allow_hazards: ['FILTER_NO_BACKFILL', 'SCHEMA_DATA_LOSS'] },
});

/** The worker, and its errors where the server counts them (15+). */
const workerOf = async (subscriber: TestDatabase, feed: string) => {
  const [worker] = await subscriber.query<{ readonly pid: number | null }>(
    'SELECT pid FROM pg_stat_subscription WHERE subname = $1 AND relid IS NULL ORDER BY pid LIMIT 1',
    [feed],
  );
  const [stats] = await subscriber.query<{ readonly errors: string | null }>(
    `SELECT to_jsonb(s) ->> 'apply_error_count' AS errors
       FROM pg_subscription AS p, LATERAL pg_stat_get_subscription_stats(p.oid) AS s WHERE subname = $1`,
    [feed],
  );
  return { pid: worker?.pid ?? null, errors: stats?.errors ?? null };
};

const apply = async (project: Project): Promise<string> => {
  const result = await project.steep('apply', '--auto-approve');
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return result.stdout;
};

const columnsOf = (database: TestDatabase, table: string) =>
  database
    .query<{ readonly name: string }>(
      `SELECT attname AS name FROM pg_attribute
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1`,
      [table],
    )
    .then((rows) => rows.map(({ name }) => name));

/** Column lists and counters of errors came with 15. */
const tested = lastByDay(pairs.filter(([from, to]) => from >= 15 && to >= 15));

test.each(tested)('under a writer, %i to %i', async (from, to) => {
  const publisher = await (await cluster.server(from)).createDatabase();
  const subscriber = await (await cluster.server(to)).createDatabase();
  await publisher.query(`
    CREATE TABLE orders (id bigint PRIMARY KEY, total int NOT NULL);
    CREATE TABLE events (id bigint PRIMARY KEY, kind text NOT NULL, old text NOT NULL DEFAULT 'x')`);
  const feed = `feed_${publisher.name}`;
  const listed = (columns: readonly string[]) => ({ name: 'orders', columns });
  const tables = [listed(['id', 'total']), 'events'];
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    topology(feed, tables),
  );
  await apply(project);
  const orders = await startWriter(publisher, (turn) =>
    turn % 3 === 0
      ? `UPDATE orders SET total = total + 1 WHERE id = ${turn - 1}`
      : `INSERT INTO orders (id, total) VALUES (${turn}, ${turn})`,
  );
  const events = await startWriter(
    publisher,
    (turn) => `INSERT INTO events (id, kind) VALUES (${turn}, 'k')`,
  );
  await waitFor(
    'changes to be applied',
    async () => orders.written() > 20 && events.written() > 20,
  );
  const before = await workerOf(subscriber, feed);

  // A column: no publication sends it yet; steep adds it first, and then it is sent.
  await publisher.query(`ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT 'none'`);
  await project.describe(topology(feed, [listed(['id', 'total', 'note']), 'events']));
  await apply(project);
  expect(await columnsOf(subscriber, 'orders')).toEqual(['id', 'note', 'total']);

  // The other way round for one that goes: the publisher first, the subscriber when it has caught up.
  await publisher.query('ALTER TABLE events DROP COLUMN old');
  await apply(project);
  expect(await columnsOf(subscriber, 'events')).toEqual(['id', 'kind']);

  await publisher.query(`
    CREATE TABLE refunds (id serial PRIMARY KEY, amount numeric(10,2) CHECK (amount > 0));
    INSERT INTO refunds (amount) SELECT n FROM generate_series(1, 50) n`);
  await project.describe(topology(feed, [listed(['id', 'total', 'note']), 'events', 'refunds']));
  await apply(project);

  const written = events.written();
  await waitFor('more to be written', async () => events.written() > written + 50);
  await Promise.all([orders.stop(), events.stop()]);
  await apply(project);
  expect(await workerOf(subscriber, feed)).toEqual(before);
  expect(before).toMatchObject({ pid: expect.any(Number), errors: '0' });
  const names = ['orders', 'events', 'refunds'].map((name) => ({ schema: 'public', name }));
  await waitFor('the same rows on both sides', async () => {
    const [a, b] = await Promise.all([hashesOf(publisher, names), hashesOf(subscriber, names)]);
    return JSON.stringify(a) === JSON.stringify(b);
  });
  await subscriber.drop();
  await publisher.drop();
});

test('what a flag says counts in place of the file, and is part of the plan', async () => {
  const publisher = await (await cluster.server(18)).createDatabase();
  const subscriber = await (await cluster.server(18)).createDatabase();
  await publisher.query('CREATE TABLE orders (id bigint PRIMARY KEY)');
  const feed = `feed_${publisher.name}`;
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    topology(feed, ['orders']),
  );
  const planned = await project.steep('plan', '--schema-sync', 'strict');
  expect(planned.stdout).toContain('SCHEMA_MISMATCH');
  expect(planned.stdout).not.toContain('CREATE TABLE');
  const refused = await project.steep('apply', '--auto-approve', '--schema-sync', 'strict');
  expect(refused.code).toBe(3);
  const manual = await project.steep('apply', '--auto-approve', '--schema-sync', 'manual');
  expect(manual.code).toBe(3);
  expect(manual.stderr).toContain('--allow-hazard SCHEMA_MISMATCH=');
  await project.steep('plan', '--out', 'saved.plan');
  const chosen = await project.steep('apply', 'saved.plan', '--schema-sync', 'manual');
  expect(chosen.code, chosen.stderr).toBe(64);
  expect((await project.steep('apply', 'saved.plan')).code).toBe(0);
  await subscriber.drop();
});
