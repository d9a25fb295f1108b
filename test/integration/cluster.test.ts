// The test servers themselves: every major answers, and private ones can be killed.

import { describe, expect, test } from 'vitest';
import { openSession } from '../../src/postgres/session.ts';
import { sql } from '../../src/postgres/sql/sql.ts';
import { waitForSameRows } from '../support/hashes.ts';
import { cluster } from '../support/servers/cluster.ts';
import { majors, newestMajor } from '../support/servers/majors.ts';
import { poolerPid, startPooler } from '../support/servers/pooler.ts';

describe.each(majors)('a server of PostgreSQL %i', (major) => {
  test('answers, ready for logical replication', async () => {
    const database = await cluster.database(major);
    const [row] = await database.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS major,
              current_setting('wal_level') AS wal_level`,
    );
    expect(row).toEqual({ major, wal_level: 'logical' });
  });
});

test('a private server survives being killed', async () => {
  const server = await cluster.privateServer(newestMajor, { work_mem: '5MB' });
  const database = await server.createDatabase();
  await database.query('CREATE TABLE kept AS SELECT 1 AS id');
  await server.kill();
  await expect(database.query('SELECT 1')).rejects.toThrow();
  await server.start();
  expect(await database.query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
  expect(await database.query('SHOW work_mem')).toEqual([{ work_mem: '5MB' }]);
});

test('a pooler tells another process id than the backend has', async () => {
  const { conninfo } = await cluster.database(newestMajor);
  const pooler = await startPooler(conninfo);
  const session = await openSession(pooler.conninfo, { node: 'pooled', applicationName: 'test' });
  const [row] = await session.query<{ readonly pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
  expect(session.pid).toBe(poolerPid);
  expect(row?.pid).not.toBe(poolerPid);
  await session.close();
  await pooler.close();
});

test('a database with a live subscription can be dropped', async () => {
  const publisher = await cluster.database(newestMajor);
  const subscriber = await cluster.database(newestMajor);
  await publisher.query('CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t');
  await publisher.query(
    `SELECT pg_create_logical_replication_slot('s_${publisher.name}', 'pgoutput')`,
  );
  await subscriber.query('CREATE TABLE t (id int PRIMARY KEY)');
  await subscriber.query(
    `CREATE SUBSCRIPTION "odd name" CONNECTION '${publisher.conninfo.text}' PUBLICATION p
       WITH (create_slot = false, slot_name = 's_${publisher.name}')`,
  );
  await publisher.query('INSERT INTO t VALUES (1)');
  await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 't' }]);
  await subscriber.drop();
  await publisher.drop();
});
