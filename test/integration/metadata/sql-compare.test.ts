// Rows compared from psql: the same answers as steep verify gives, and locks that end with the transaction.

import { Client } from 'pg';
import { expect, test } from 'vitest';
import { verifyPeers } from '../../../src/workflows/verify/verify-peers.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { refusal, value } from './sql-functions-world.ts';

const oldest = majors[0] ?? newestMajor;

const schema = `
  CREATE TYPE mood AS ENUM ('sad', 'ok');
  CREATE DOMAIN amount AS numeric(12, 2);
  CREATE TABLE things (region text, id bigint, amount amount, far float8, at timestamptz, list int[], mood mood, doc jsonb,
    bits bytea, PRIMARY KEY (region, id))`;

const rows = `
  INSERT INTO things SELECT 'r''"' || n % 3, n, n / 7.0, n / 3.0, '2026-01-01'::timestamptz + n * interval '1 h', ARRAY[n, NULL], 'ok',
         '{"a": [1.50, null]}', '\\x00ff' FROM generate_series(1, 3000) AS n`;

const damage = `
  UPDATE things SET far = -far WHERE id = 1;
  UPDATE things SET list = ARRAY[2] WHERE id = 2;
  UPDATE things SET doc = NULL, mood = 'sad' WHERE id BETWEEN 500 AND 520;
  DELETE FROM things WHERE id BETWEEN 700 AND 703;
  INSERT INTO things (region, id) VALUES ('only "there"', -1), ('only', -2)`;

test.each([
  [oldest, newestMajor],
  [newestMajor, oldest],
] as const)('from %i to %i: the answers of verify', async (one, other) => {
  const here = await cluster.database(one);
  const there = await cluster.database(other);
  for (const database of [here, there]) {
    await installMetadata(database);
    await database.query(`${schema}; ${rows}`);
  }
  await there.query(damage);
  await here.query('CREATE EXTENSION dblink; SET client_min_messages = warning');
  const { host, port, password } = new Client(urlOf(there.conninfo));
  await here.query(`
    CREATE SERVER peer FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '${host}', port '${port}', dbname '${there.name}');
    CREATE USER MAPPING FOR CURRENT_USER SERVER peer OPTIONS (user 'postgres', password '${password}')`);
  const { report } = await verifyPeers(
    {
      file: 'none',
      connection: here.url,
      peer: there.url,
      tables: ['things'],
      fast: false,
      jobs: 1,
      maxRate: null,
      settleMs: 10_000,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onRow: () => undefined,
    },
    {
      steepVersion: '0.1.0',
      user: 'test',
      hostname: 'localhost',
      environment: {},
      now: () => new Date(),
      clock: () => performance.now(),
    },
  );
  const table = report?.edges[0]?.tables[0];
  expect(table?.counts).toMatchObject({ equal: 2973, different: 23, missing: 4, extra: 2 });
  expect(
    await here.query(`SELECT * FROM steep_repl.analyze_overlap('peer', ARRAY['public.things'])`),
  ).toEqual([
    {
      table_name: 'public.things',
      matches: '2973',
      conflicts: '23',
      only_here: '4',
      only_there: '2',
    },
  ]);
  const sorted = (found: readonly unknown[]) => found.map((it) => JSON.stringify(it)).toSorted();
  const words = { different: 'different', missing: 'only_here', extra: 'only_there' };
  const found = await here.query<{ readonly region: string; readonly id: string }>(
    `SELECT key->>'region' AS region, key->>'id' AS id, finding
       FROM steep_repl.compare_table_rows('peer', 'public.things')`,
  );
  expect(sorted(found)).toEqual(
    sorted(
      (table?.samples ?? []).map(({ key, finding }) => ({
        region: key?.region,
        id: key?.id,
        finding: finding === 'unsettled' ? finding : words[finding],
      })),
    ),
  );
  expect(await refusal(here, `compare_table_rows('dbname=x', 'public.things')`)).toMatchObject({
    code: '42704',
    hint: expect.stringContaining('CREATE USER MAPPING'),
  });
});

test('writes wait until the transaction ends', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  await database.query('CREATE TABLE public.orders (id int PRIMARY KEY)');
  const client = new Client(urlOf(database.conninfo));
  await client.connect();
  onTestFinished(() => client.end());
  const notices: string[] = [];
  client.on('notice', ({ message = '' }) => notices.push(message));
  await client.query('BEGIN');
  const locked = await client.query(
    `SELECT steep_repl.quiesce_writes(ARRAY['public.orders']) AS n`,
  );
  expect(locked.rows).toEqual([{ n: 1 }]);
  await expect(
    database.query(`SET lock_timeout = '50ms'; INSERT INTO public.orders VALUES (1)`),
  ).rejects.toMatchObject({ code: '55P03' });
  await database.query('RESET lock_timeout; SELECT * FROM public.orders');
  expect((await client.query('SELECT steep_repl.release_quiesce() AS n')).rows).toEqual([{ n: 1 }]);
  await client.query('COMMIT');
  expect(await value(database, 'release_quiesce()')).toBe(0);
  expect(notices).toEqual([
    expect.stringContaining('COMMIT or ROLLBACK releases them'),
    expect.stringContaining('Send COMMIT'),
  ]);
});
