// What moves while a run continues: copies, lag, blockers, lock holders, rows.

import { afterEach, expect, test } from 'vitest';
import {
  readBlockers,
  readSlotLag,
  readSubscriptionProgress,
} from '../../../src/catalog/copies/read-progress.ts';
import { introspectNode } from '../../../src/catalog/introspect.ts';
import { readLockHolder } from '../../../src/catalog/metadata/read-lock-holder.ts';
import { readWhichHaveRows } from '../../../src/catalog/objects/read-rows.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, newestMajor, pairs } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

async function open(database: TestDatabase, applicationName = 'steep'): Promise<Session> {
  const session = await openSession(database.conninfo, { node: 'n', applicationName });
  sessions.push(session);
  return session;
}

test.each(endsByDay(pairs))('a live subscription, %i to %i', async (from, to) => {
  const [publisher, subscriber] = [await cluster.database(from), await cluster.database(to)];
  const slot = subscriber.name;
  await publisher.query('CREATE TABLE public.t (id int PRIMARY KEY)');
  await publisher.query('INSERT INTO public.t SELECT generate_series(1, 1000)');
  await publisher.query('CREATE PUBLICATION p FOR TABLE public.t');
  await publisher.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  await subscriber.query('CREATE TABLE public.t (id int PRIMARY KEY)');
  await subscriber.query(
    `CREATE SUBSCRIPTION "S" CONNECTION '${publisher.conninfo.text}' PUBLICATION p
       WITH (create_slot = false, slot_name = '${slot}')`,
  );
  const session = await open(subscriber);
  await waitFor('the table to be ready', async () =>
    (await readSubscriptionProgress(session, 'S')).every(({ syncState }) => syncState === 'r'),
  );
  expect(await readSubscriptionProgress(session, 'S')).toMatchObject([
    { table: 'public.t', bytesDone: 0 },
  ]);
  const expected = { S: { source: 'primary', conninfo: publisher.conninfo } };
  const endpoints = [
    { node: 'n', conninfo: subscriber.conninfo },
    { node: 'primary', conninfo: publisher.conninfo },
  ];
  const state = await introspectNode({
    node: 'n',
    session,
    metadata: session,
    endpoints,
    expected,
  });
  expect(state.resources).toMatchObject([
    {
      address: 'n/copy."S":public.t',
      owned: true,
      spec: { state: 'ready' },
      observed: { syncState: 'r' },
    },
    { address: 'n/identity.public.t' },
    {
      address: 'n/subscription.S',
      spec: { source: 'primary', slot, enabled: true, connection: 'current' },
      observed: { workerRunning: true },
    },
  ]);
  const lag = await readSlotLag(await open(publisher), slot);
  expect(lag).toMatchObject({ active: true, walStatus: 'reserved', lagBytes: expect.any(Number) });
});

test('a slot that does not exist has no lag', async () => {
  expect(
    await readSlotLag(await open(await cluster.database(newestMajor)), 'no_such_slot'),
  ).toBeNull();
});

test('blockers', async () => {
  const database = await cluster.database(newestMajor);
  await database.query('CREATE TABLE public.t (id int)');
  await database.query('BEGIN');
  await database.query('LOCK TABLE public.t');
  const [waiting, watching] = [await open(database), await open(database)];
  const blocked = waiting.query(sql`SELECT FROM public.t`);
  const blockers = await waitFor('a blocker', async () => {
    const found = (await readBlockers(watching, [waiting.pid])).get(waiting.pid) ?? [];
    return found.length > 0 && found;
  });
  expect(blockers).toMatchObject([{ application: 'test', state: 'idle in transaction' }]);
  await database.query('ROLLBACK');
  await blocked;
  expect(await readBlockers(watching, [waiting.pid])).toEqual(new Map());
});

test.each([1n, -1n, 2n ** 40n, -(2n ** 63n)])('who holds the advisory lock %s', async (key) => {
  const database = await cluster.database(newestMajor);
  const [holder, other] = [await open(database, 'run 42'), await open(database)];
  expect(await readLockHolder(other, key)).toBeNull();
  await holder.query(sql`SELECT pg_advisory_lock(${key}::int8)`);
  expect(await readLockHolder(other, key)).toMatchObject({
    pid: holder.pid,
    application: 'run 42',
    role: 'postgres',
  });
});

test('which tables have rows; what cannot be looked into is not called empty', async () => {
  const database = await cluster.database(newestMajor);
  for (const statement of [
    'CREATE TABLE public.empty (id int)',
    'CREATE TABLE public."Full" (id int)',
    'INSERT INTO public."Full" VALUES (1)',
    'CREATE TABLE public.parted (id int) PARTITION BY RANGE (id)',
    'CREATE TABLE public.part PARTITION OF public.parted DEFAULT',
    'INSERT INTO public.parted VALUES (1)',
    'CREATE TABLE public.locked (id int)',
  ]) {
    await database.query(statement);
  }
  const tables = ['empty', 'Full', 'parted', 'locked', 'missing'].map((name) => ({
    schema: 'public',
    name,
  }));
  const session = await open(database);
  await database.query('BEGIN');
  await database.query('LOCK TABLE public.locked');
  const found = await readWhichHaveRows(session, tables);
  await database.query('ROLLBACK');
  expect([...found.keys()].sort()).toEqual(['public."Full"', 'public.locked', 'public.parted']);

  const role = `role_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
  const asRole = { ...database, conninfo: database.conninfo.with({ user: role, password: 'pw' }) };
  const unread = { 'public."Full"': 'unread', 'public.parted': 'unread' };
  const weak = await open(asRole);
  expect(Object.fromEntries(await readWhichHaveRows(weak, tables))).toEqual(unread);
  await database.query('DELETE FROM public."Full"');
  expect(Object.fromEntries(await readWhichHaveRows(weak, tables))).toEqual(unread);
  await database.query(`GRANT SELECT (tableoid) ON public."Full", public.parted TO ${role}`);
  expect([...(await readWhichHaveRows(weak, tables))]).toEqual([['public.parted', 'rows']]);
  await database.query(`DROP OWNED BY ${role}`);
  await database.query(`DROP ROLE ${role}`);
});

test('many tables are asked for in batches', async () => {
  const database = await cluster.database(newestMajor);
  await database.query(`DO $$ BEGIN FOR i IN 1..450 LOOP
    EXECUTE format('CREATE TABLE public.t%s AS SELECT 1 AS id LIMIT %s', i, i % 2); END LOOP; END $$`);
  const tables = Array.from({ length: 450 }, (_, i) => ({ schema: 'public', name: `t${i + 1}` }));
  expect((await readWhichHaveRows(await open(database), tables)).size).toBe(225);
});
