// What a plan says of copies that were never made before, in ten databases of different shape: their bytes on the wire.

import { finished } from 'node:stream/promises';
import { Client } from 'pg';
import { to } from 'pg-copy-streams';
import { expect, test } from 'vitest';
import type { EdgeEstimate } from '../../src/model/plan/copy-estimate.ts';
import { inProcess } from '../support/in-process.ts';
import { onTestFinished } from '../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { createProject, type Topology } from '../support/worlds/project.ts';

interface Shape {
  readonly what: string;
  readonly tables: string;
  readonly rows: string;
  /** As in steep.yaml. */
  readonly published: readonly unknown[];
  readonly viaRoot?: true;
  readonly native?: true;
  /** No miss of the ten may be this one. */
  readonly exact?: true;
  /** What each table sends. */
  readonly sent: readonly string[];
}

const random = (bytes: number): string =>
  `(SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, ${bytes / 32}) AS m)`;

const tiny = Array.from({ length: 60 }, (_, index) => `tiny_${index}`);

const shapes: readonly Shape[] = [
  {
    what: 'narrow rows, copied by PostgreSQL',
    tables: 'CREATE TABLE t (id int PRIMARY KEY, a int, b smallint)',
    rows: 'INSERT INTO t SELECT n, n % 7, n % 3 FROM generate_series(1, 40000) AS n; ANALYZE',
    published: ['t'],
    native: true,
    sent: ['SELECT * FROM t'],
  },
  {
    what: 'rows of a kilobyte',
    tables: 'CREATE TABLE t (id int PRIMARY KEY, note text)',
    rows: `INSERT INTO t SELECT n, ${random(1024)} FROM generate_series(1, 1500) AS n; ANALYZE`,
    published: ['t'],
    sent: ['SELECT * FROM t'],
  },
  {
    what: 'compressed out of line',
    exact: true,
    tables: 'CREATE TABLE t (id int PRIMARY KEY, note text)',
    rows: `INSERT INTO t SELECT n, repeat('abc', 60000) FROM generate_series(1, 100) AS n; ANALYZE`,
    published: ['t'],
    sent: ['SELECT * FROM t'],
  },
  {
    what: 'out of line, not compressed',
    tables:
      'CREATE TABLE t (id int PRIMARY KEY, note text); ALTER TABLE t ALTER note SET STORAGE EXTERNAL',
    rows: `INSERT INTO t SELECT n, ${random(9600)} FROM generate_series(1, 200) AS n; ANALYZE`,
    published: ['t'],
    sent: ['SELECT * FROM t'],
  },
  {
    what: 'a row filter that lets one row of a hundred through',
    exact: true,
    tables: 'CREATE TABLE t (id int, region text, note text, PRIMARY KEY (id, region))',
    rows: `INSERT INTO t SELECT n, CASE n % 100 WHEN 0 THEN 'eu' ELSE 'us' END, repeat('x', 200) FROM generate_series(1, 20000) AS n; ANALYZE`,
    published: [{ name: 't', where: `region = 'eu'` }],
    sent: [`SELECT * FROM t WHERE region = 'eu'`],
  },
  {
    what: 'one column of a wide table',
    exact: true,
    tables: 'CREATE TABLE t (id int PRIMARY KEY, a text, b text, c text)',
    rows: `INSERT INTO t SELECT n, ${random(320)}, ${random(320)}, ${random(320)} FROM generate_series(1, 2000) AS n; ANALYZE`,
    published: [{ name: 't', columns: ['id'] }],
    sent: ['SELECT id FROM t'],
  },
  {
    what: 'many tiny tables',
    tables: tiny.map((name) => `CREATE TABLE ${name} (id int PRIMARY KEY, note text)`).join('; '),
    rows: tiny.map((name) => `INSERT INTO ${name} VALUES (1, 'one'), (2, 'two')`).join('; '),
    published: tiny,
    sent: tiny.map((name) => `SELECT * FROM ${name}`),
  },
  {
    what: 'partitions, sent as their root',
    tables: `CREATE TABLE t (id int, at date, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')`,
    rows: `INSERT INTO t SELECT n, date '2026-01-01' + n % 50, md5(n::text) FROM generate_series(1, 20000) AS n; ANALYZE`,
    published: ['t'],
    viaRoot: true,
    sent: ['SELECT * FROM t'],
  },
  {
    what: 'documents',
    tables: 'CREATE TABLE t (id int PRIMARY KEY, doc jsonb)',
    rows: `INSERT INTO t SELECT n, (SELECT jsonb_object_agg('key_' || m, repeat('value ', 40)) FROM generate_series(1, 100) AS m)
             FROM generate_series(1, 200) AS n; ANALYZE`,
    published: ['t'],
    sent: ['SELECT * FROM t'],
  },
  {
    what: 'nine rows of ten deleted, never analyzed',
    tables: 'CREATE TABLE t (id int PRIMARY KEY, note text) WITH (autovacuum_enabled = off)',
    rows: `INSERT INTO t SELECT n, md5(n::text) FROM generate_series(1, 40000) AS n; DELETE FROM t WHERE id % 10 <> 0`,
    published: ['t'],
    sent: ['SELECT * FROM t'],
  },
];

/** Bytes of one COPY. */
const wireBytes = async (client: Client, query: string, binary: boolean): Promise<number> => {
  const stream = client.query(to(`COPY (${query}) TO STDOUT${binary ? ' (FORMAT binary)' : ''}`));
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await finished(stream);
  return bytes;
};

const measured = async ({ url }: TestDatabase, { sent, native }: Shape): Promise<number> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  let bytes = 0;
  for (const query of sent) bytes += await wireBytes(client, query, native !== true);
  await client.end();
  return bytes;
};

const topologyOf = ({ published, viaRoot, native }: Shape, slot: string): Topology => ({
  publications: {
    feed: {
      node: 'publisher',
      tables: published,
      ...(viaRoot === true && { publish_via_partition_root: true }),
      publish: ['insert'],
    },
  },
  subscriptions: {
    feed: {
      node: 'subscriber',
      source: 'publisher',
      publications: ['feed'],
      slot,
      ...(native === true && { init: { copy: 'native' } }),
    },
  },
});

/** Milliseconds: a busy machine is slow, and what is looked at in time is what is judged here. */
const unhurried = { sampleMs: 20_000, speedMs: 100 };

const planned = async (
  shape: Shape,
  publisher: TestDatabase,
  subscriber: TestDatabase,
): Promise<EdgeEstimate | undefined> => {
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  const project = await createProject(connections, topologyOf(shape, publisher.name));
  const environment = { PUBLISHER_URL: publisher.url, SUBSCRIBER_URL: subscriber.url };
  const file = project.path('steep.yaml');
  const plan = await inProcess(file, environment, undefined, {
    prune: false,
    probe: unhurried,
  }).plan();
  expect(plan.errors).toEqual([]);
  return plan.observed.estimate.edges['subscriber/subscription.feed'];
};

test('the bytes of a first copy are within a factor of two, in ten databases', async () => {
  const server = await cluster.server(newestMajor);
  const misses: string[] = [];
  for (const shape of shapes) {
    const [publisher, subscriber] = [await server.createDatabase(), await server.createDatabase()];
    onTestFinished(async () => {
      await publisher.drop();
      await subscriber.drop();
    });
    for (const database of [publisher, subscriber]) await database.query(shape.tables);
    await publisher.query(shape.rows);
    const estimate = await planned(shape, publisher, subscriber);
    const wire = await measured(publisher, shape);
    const factor = (estimate?.bytes ?? 0) / wire;
    const said = `${shape.what}: ${estimate?.bytes} bytes for ${wire}, ${estimate?.rows} rows`;
    if (factor < 0.5 || factor > 2) misses.push(said);
    // What the estimates were wrong by before.
    if (shape.exact === true) expect(factor, said).toBeCloseTo(1, 1);
  }
  expect(misses).toEqual([]);
}, 120_000);
