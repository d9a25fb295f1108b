// The proxy that plays networks: what it holds back arrives later, and no side is told.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openSession, type Session } from '../../src/postgres/session.ts';
import { sql } from '../../src/postgres/sql/sql.ts';
import { type FaultProxy, startFaultProxy } from '../support/fakes/fault-proxy.ts';
import { cluster } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';

let proxy: FaultProxy;
afterEach(() => proxy.close());

const open = async (): Promise<Session> => {
  const database = await cluster.database(newestMajor);
  proxy = await startFaultProxy(database.conninfo);
  return openSession(proxy.conninfo, { node: 'n', applicationName: 'behind', readOnly: true });
};

const settled = (promise: Promise<unknown>, ms: number): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    sleep(ms, false),
  ]);

test.each(['up', 'down'] as const)('what is held back %s arrives after all', async (way) => {
  const session = await open();
  const [link] = proxy.links();
  expect(link?.startup).toContain('application_name\0behind\0');
  link?.pause([way]);
  const asked = session.query<{ readonly one: number }>(sql`SELECT 1 AS one`);
  expect(await settled(asked, 300)).toBe(false);
  expect(session.closed).toBe(false);
  proxy.resume();
  expect(await asked).toEqual([{ one: 1 }]);
  await session.close();
  await waitFor('the link to end', async () => proxy.links().length === 0);
});

test('pauses in the middle of an answer, and loses no byte of it', async () => {
  const session = await open();
  proxy.links()[0]?.pauseAfter(100_000, 'down');
  const asked = session.query<{ readonly n: number }>(
    sql`SELECT n, repeat('x', 1000) AS filler FROM generate_series(1, 2000) AS n`,
  );
  expect(await settled(asked, 500)).toBe(false);
  expect(proxy.links()[0]?.bytes.down).toBeGreaterThan(99_000);
  proxy.resume();
  expect((await asked).map(({ n }) => n)).toEqual(Array.from({ length: 2000 }, (_, n) => n + 1));
  await session.close();
});

test('cuts, refuses, and answers no new connection while it is paused', async () => {
  const session = await open();
  const asked = session.query(sql`SELECT pg_sleep(60)`);
  asked.catch(() => undefined);
  await waitFor('the statement to pass', async () => (proxy.links()[0]?.bytes.up ?? 0) > 0);
  proxy.cut();
  await expect(asked).rejects.toThrow();
  const again = { node: 'n', applicationName: 'again', readOnly: true, connectTimeoutMs: 500 };
  proxy.refuse();
  await expect(openSession(proxy.conninfo, again)).rejects.toThrow(/connection/);
  proxy.resume();
  proxy.pause();
  await expect(openSession(proxy.conninfo, again)).rejects.toThrow(/timeout/);
  proxy.resume();
  const healed = await openSession(proxy.conninfo, again);
  expect(await healed.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  await healed.close();
});

test('half open, the server has ended and the client does not know', async () => {
  const session = await open();
  const observer = await cluster.database(newestMajor);
  const side = await openSession(observer.conninfo, { node: 'n', applicationName: 'beside' });
  proxy.links()[0]?.halfOpen();
  await waitFor('the backend to end', async () => {
    const left = await side.query(sql`SELECT FROM pg_stat_activity WHERE pid = ${session.pid}`);
    return left.length === 0;
  });
  const asked = session.query(sql`SELECT 1`);
  expect(await settled(asked, 300)).toBe(false);
  proxy.cut();
  await expect(asked).rejects.toThrow();
  await side.close();
});
