// Connections that neither answer nor end: noticed, said, ended. And the many that are only busy, which are left alone.

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openForReading } from '../../../src/copy/copy-sessions.ts';
import type { Silence } from '../../../src/model/silence.ts';
import { toFailure } from '../../../src/postgres/failures.ts';
import { openSession, type Session, type SessionOptions } from '../../../src/postgres/session.ts';
import { ddl, sql } from '../../../src/postgres/sql/sql.ts';
import { type FaultProxy, startFaultProxy, type Way } from '../../support/fakes/fault-proxy.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';

const boundMs = 6000;

interface Stage {
  readonly database: TestDatabase;
  readonly proxy: FaultProxy;
  readonly session: Session;
  readonly heard: readonly Silence[];
  /** Of the session: the first that came. */
  pause(ways?: readonly Way[]): void;
}

const options = { node: 'n', applicationName: 'steep watched' };

async function stage(
  given: Partial<SessionOptions> & { readonly bound?: string } = {},
): Promise<Stage> {
  const { bound = String(boundMs), ...rest } = given;
  const database = await cluster.database(newestMajor);
  const proxy = await startFaultProxy(database.conninfo.with({ tcp_user_timeout: bound }));
  const heard: Silence[] = [];
  const onSilence = (silence: Silence): void => void heard.push(silence);
  const session = await openSession(proxy.conninfo, { ...options, onSilence, ...rest });
  onTestFinished(async () => {
    await session.close();
    await proxy.close();
  });
  return { database, proxy, session, heard, pause: (ways) => proxy.links()[0]?.pause(ways) };
}

const kinds = (heard: readonly Silence[]) => heard.map(({ kind }) => kind);

/** What it fails with, in the words of steep. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => toFailure(error, { node: 'n', doing: 'asking' }),
  );

const isThere = async ({ database, session }: Stage): Promise<boolean> => {
  const found = await database.query(`SELECT FROM pg_stat_activity WHERE pid = ${session.pid}`);
  return found.length > 0;
};

describe('is ended, a session', () => {
  test.concurrent('whose server answers nobody', async () => {
    const { session, proxy, heard } = await stage();
    proxy.pause();
    const failure = await failureOf(session.query(sql`SELECT 1`));
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(failure?.message).toContain('the server does not answer a new connection either');
    expect(kinds(heard)).toEqual(['silent', 'ended']);
    expect(session.closed).toBe(true);
  });

  test.concurrent.each([[['up', 'down']], [['up']], [['down']]] as const)(
    'of which nothing passes %j, and the server ends it too',
    async (ways) => {
      const it = await stage();
      it.pause(ways);
      const failure = await failureOf(it.session.query(sql`SELECT 1`));
      expect(failure?.code).toBe('CONNECTION_LOST');
      expect(failure?.message).toMatch(/the server has nothing to do for the session$/);
      expect(kinds(it.heard)).toEqual(['silent', 'ended']);
      await waitFor('the backend to end', async () => !(await isThere(it)));
    },
  );

  test.concurrent('whose backend has ended unheard', async () => {
    const it = await stage();
    it.proxy.links()[0]?.halfOpen();
    await waitFor('the backend to end', async () => !(await isThere(it)));
    expect((await failureOf(it.session.query(sql`SELECT 1`)))?.message).toContain(
      'the server has ended the session',
    );
  });

  test.concurrent('in the middle of rows that it reads', async () => {
    const it = await stage();
    it.proxy.links()[0]?.pauseAfter(200_000, 'down');
    const asked = it.session.query(sql`SELECT repeat('x', 1000) FROM generate_series(1, 100000)`);
    expect((await failureOf(asked))?.message).toContain('what the server sends does not arrive');
    await waitFor('the backend to end', async () => !(await isThere(it)));
  });

  test.concurrent('in the middle of rows that it writes, whether more are to come or not', async () => {
    for (const rows of [10, 40_000]) {
      const it = await stage();
      await it.session.query(ddl`CREATE TABLE public.sink (line text)`);
      it.pause(['up']);
      const { stream } = it.session.copyIn(ddl`COPY public.sink FROM STDIN`);
      const failed = once(stream, 'error');
      failed.catch(() => undefined);
      stream.on('error', () => undefined);
      for (let row = 0; row < rows; row += 1) stream.write(`${'x'.repeat(1000)}\n`);
      if (rows === 10) stream.end();
      await waitFor('the session to end', async () => it.session.closed);
      expect(kinds(it.heard)).toEqual(['silent', 'ended']);
      await waitFor('the backend to end', async () => !(await isThere(it)));
    }
  });
});

describe('is left alone, for longer than the bound, a session', () => {
  test.concurrent('whose statement takes its time, or waits for a lock: its holder is named, once', async () => {
    const it = await stage();
    await it.database.query('CREATE TABLE held (id int)');
    const holder = await holdTransaction(it.database, 'LOCK TABLE held');
    setTimeout(() => void holder.commit().catch(() => undefined), boundMs * 2);
    await it.session.query(ddl`LOCK TABLE public.held; SELECT pg_catalog.pg_sleep(8)`);
    expect(it.heard).toEqual([
      expect.objectContaining({
        kind: 'locked',
        found: expect.stringMatching(/^held by pid \d+ of role postgres/),
      }),
    ]);
  });

  test.concurrent('whose rows are not taken', async () => {
    const it = await stage();
    const own = it.database.conninfo.with({ tcp_user_timeout: String(boundMs) });
    const reader = await openForReading(() => openSession(own, options), 0);
    const { stream } = reader.copyOut(
      ddl`COPY (SELECT repeat('x', 1000) FROM generate_series(1, 50000)) TO STDOUT`,
    );
    stream.once('readable', () => undefined);
    await sleep(boundMs * 2.5);
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(1001 * 50_000);
    await reader.close();
  });

  test.concurrent('whose rows to write are not there yet', async () => {
    const it = await stage();
    await it.session.query(ddl`CREATE TABLE public.sink (line text)`);
    const { stream, rows } = it.session.copyIn(ddl`COPY public.sink FROM STDIN`);
    stream.write('one\n');
    await sleep(boundMs * 2);
    stream.end('two\n');
    await once(stream, 'finish');
    expect(rows()).toBe(2);
    expect(it.heard).toEqual([]);
  });

  test.concurrent('that nobody has asked anything', async () => {
    const it = await stage();
    it.pause();
    await sleep(boundMs * 1.5);
    expect(it.session.closed).toBe(false);
    it.proxy.resume();
    expect(await it.session.query(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  });
});

test.concurrent('a network that heals in time: said, and said again', async () => {
  const it = await stage({ bound: '20000' });
  it.proxy.pause();
  const asked = it.session.query(sql`SELECT 1 AS one`);
  await waitFor('it to be said', async () => it.heard.length > 0);
  it.proxy.resume();
  expect(await asked).toEqual([{ one: 1 }]);
  await waitFor('it to be said', async () => it.heard.length > 1);
  expect(kinds(it.heard)).toEqual(['silent', 'answers']);
});

test.concurrent('close() and cancel() do not wait for a server that does not answer', async () => {
  const it = await stage();
  it.proxy.pause();
  const began = performance.now();
  await expect(it.session.cancel()).rejects.toThrow();
  await it.session.close();
  expect(performance.now() - began).toBeLessThan(9000);
});

test.concurrent.each(['all', 'one'] as const)(
  'after an interrupt, ten seconds are enough: %s',
  async (which) => {
    const interrupt = new AbortController();
    const it = await stage({ bound: '0', interrupt: interrupt.signal });
    if (which === 'all') it.proxy.pause();
    else it.pause();
    const asked = failureOf(it.session.query(sql`SELECT 1`));
    interrupt.abort();
    const began = performance.now();
    expect(await asked).toMatchObject({ code: 'CONNECTION_LOST' });
    const other = openSession(it.proxy.conninfo, { ...options, interrupt: interrupt.signal });
    if (which === 'all') await expect(other).rejects.toMatchObject({ code: 'UNREACHABLE' });
    else await (await other).close();
    expect(performance.now() - began).toBeLessThan(15_000);
  },
);

test.concurrent.each(majors)('PostgreSQL %i watches its clients too', async (major) => {
  const { conninfo } = await cluster.database(major);
  const session = await openSession(conninfo, { ...options, readOnly: true });
  expect(
    await session.query(sql`
      SELECT name, setting FROM pg_settings
       WHERE name IN ('tcp_user_timeout', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count')
       ORDER BY name`),
  ).toEqual([
    { name: 'tcp_keepalives_count', setting: '3' },
    { name: 'tcp_keepalives_idle', setting: '30' },
    { name: 'tcp_keepalives_interval', setting: '10' },
    { name: 'tcp_user_timeout', setting: '60000' },
  ]);
  await session.close();
});
