// Sessions on real servers: what they send, how they end, what they say when something fails.

import { afterEach, describe, expect, test } from 'vitest';
import type { SteepError } from '../../../src/model/errors.ts';
import { toFailure } from '../../../src/postgres/failures.ts';
import { openSession, type Session, type SessionOptions } from '../../../src/postgres/session.ts';
import { ddl, examinedStatement, ident, secret, sql } from '../../../src/postgres/sql/sql.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { poolerPid, startPooler } from '../../support/servers/pooler.ts';
import { waitFor } from '../../support/servers/wait.ts';

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

async function open(
  database: TestDatabase,
  options: Partial<SessionOptions> = {},
): Promise<Session> {
  const session = await openSession(database.conninfo, {
    node: 'n',
    applicationName: 'steep',
    ...options,
  });
  sessions.push(session);
  return session;
}

describe.each(endsByDay(majors))('PostgreSQL %i', (major) => {
  test('a read-only session sends nothing by itself, and pins its settings', async () => {
    const sent: string[] = [];
    const session = await open(await cluster.database(major), {
      readOnly: true,
      onStatement: (text) => sent.push(text),
    });
    expect(sent).toEqual([]);
    expect(Math.floor(session.serverVersion / 10_000)).toBe(major);
    const [row] = await session.query(sql`
      SELECT current_setting('search_path') AS path, current_setting('TimeZone') AS zone,
             current_setting('default_transaction_read_only') AS read_only,
             current_setting('application_name') AS application, pg_backend_pid() AS pid`);
    expect(row).toEqual({
      path: '',
      zone: 'UTC',
      read_only: 'on',
      application: 'steep',
      pid: session.pid,
    });
  });
});

describe('a session', () => {
  test('refuses an examined statement that is two', async () => {
    const database = await cluster.database(newestMajor);
    const session = await open(database);
    const two = examinedStatement('CREATE SCHEMA first; CREATE SCHEMA second');
    await expect(session.query(two)).rejects.toThrow('multiple commands');
    await session.query(examinedStatement('CREATE SCHEMA third'));
    expect(
      await database.query(`SELECT nspname FROM pg_namespace WHERE nspname IN ('first', 'third')`),
    ).toEqual([{ nspname: 'third' }]);
  });

  test('sends one statement after the other, even when callers ask at the same time', async () => {
    const warnings: string[] = [];
    const hear = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', hear);
    const session = await open(await cluster.database(newestMajor));
    const asked = [1, 2, 3, 4].map((n) => session.query(sql`SELECT ${n}::int4 AS n`));
    const failing = session.query(sql`SELECT 1/0`);
    const after = session.query(sql`SELECT 5 AS n`);
    await expect(failing).rejects.toThrow('division by zero');
    expect((await Promise.all([...asked, after])).flat()).toEqual(
      [1, 2, 3, 4, 5].map((n) => ({ n })),
    );
    await new Promise(setImmediate);
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });

  test('parses int8 while it is exact, and leaves times as text', async () => {
    const session = await open(await cluster.database(newestMajor));
    const [row] = await session.query(sql`
      SELECT 5::int8 AS small, 9007199254740993::int8 AS large, '2026-01-02 03:04:05Z'::timestamptz AS at`);
    expect(row).toEqual({ small: 5, large: '9007199254740993', at: '2026-01-02 03:04:05+00' });
  });

  test('rolls back a body that fails, and continues', async () => {
    const session = await open(await cluster.database(newestMajor));
    await session.script('CREATE TABLE public.t (id int); INSERT INTO public.t VALUES (1)');
    const failing = session.transaction({ isolation: 'repeatable read' }, async (inside) => {
      await inside.query(sql`DELETE FROM public.t`);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await session.query(sql`SELECT id FROM public.t`)).toEqual([{ id: 1 }]);
    const refused = session.transaction({ readOnly: true }, () =>
      session.query(sql`DELETE FROM public.t`),
    );
    await expect(refused).rejects.toMatchObject({ code: '25006' });
  });

  test('puts secrets in when it sends, and never shows them', async () => {
    const sent: string[] = [];
    const database = await cluster.database(newestMajor);
    const session = await open(database, {
      onStatement: (text) => sent.push(text),
      secrets: (name) => (name === 'note' ? "it's hunter2" : ''),
    });
    await session.query(ddl`COMMENT ON DATABASE ${ident(database.name)} IS ${secret('note')}`);
    expect(sent.at(-1)).toBe(`COMMENT ON DATABASE ${database.name} IS '***'`);
    const [row] =
      await database.query(`SELECT shobj_description(oid, 'pg_database') AS note FROM pg_database
      WHERE datname = current_database()`);
    expect(row).toEqual({ note: "it's hunter2" });
  });

  test('cancels the statement that runs', async () => {
    const database = await cluster.database(newestMajor);
    const session = await open(database);
    const sleeping = session.query(sql`SELECT pg_sleep(60)`).catch((error: unknown) => error);
    // A request to cancel that comes before the statement is forgotten.
    await waitFor('the statement to run', async () => {
      const query = `SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`;
      return (await database.query(query, [session.pid])).length > 0;
    });
    await session.cancel();
    const failure = toFailure(await sleeping, { node: 'n', doing: 'sleeping' });
    expect(failure.code).toBe('STATEMENT_CANCELLED');
    expect(session.closed).toBe(false);
  });

  test('notices, idle, that the server ended it', async () => {
    const database = await cluster.database(newestMajor);
    const session = await open(database);
    const failures: (SteepError | null)[] = [];
    session.onClose((failure) => failures.push(failure));
    await database.query('SELECT pg_terminate_backend($1::int)', [session.pid]);
    await waitFor('the session to end', async () => session.closed);
    expect(failures.map((failure) => failure?.code)).toEqual(['CONNECTION_LOST']);
    const late = await session.query(sql`SELECT 1`).catch((error: unknown) => error);
    expect(toFailure(late, { node: 'n', doing: 'asking' }).code).toBe('CONNECTION_LOST');
  });

  test('tells its own close from a failure', async () => {
    const session = await open(await cluster.database(newestMajor));
    const failures: (SteepError | null)[] = [];
    session.onClose((failure) => failures.push(failure));
    await session.close();
    await session.close();
    expect(failures).toEqual([null]);
  });

  test('speaks the replication protocol when asked', async () => {
    const session = await open(await cluster.database(newestMajor), { replication: 'database' });
    const [row] = await session.query<{ readonly systemid: string }>(ddl`IDENTIFY_SYSTEM`);
    expect(row?.systemid).toMatch(/^\d+$/);
  });

  test('behind a pooler is told a process id that is not its own', async () => {
    const database = await cluster.database(newestMajor);
    const pooler = await startPooler(database.conninfo);
    const session = await openSession(pooler.conninfo, { node: 'n', applicationName: 'steep' });
    expect(session.pid).toBe(poolerPid);
    await session.close();
    await pooler.close();
  });
});

describe('connecting fails in words', () => {
  test.each([
    ['UNREACHABLE', { port: '1' }],
    ['UNREACHABLE', { host: 'no-such-host.invalid' }],
    ['AUTHENTICATION_FAILED', { password: 'hunter2' }],
    ['DATABASE_MISSING', { dbname: 'no_such_database' }],
    ['TLS_FAILED', { sslmode: 'verify-full', sslrootcert: 'system' }],
    ['CONNECTION_OPTION', { sslmode: 'verify-full' }],
    ['CONNECTION_OPTION', { service: 'x' }],
    ['CONNECTION_OPTION', { sslmode: 'maybe' }],
    ['CONNECTION_OPTION', { host: 'a,b' }],
  ])('%s: %j', async (code, keywords) => {
    const { conninfo } = await cluster.database(newestMajor);
    const failure = await openSession(conninfo.with(keywords), {
      node: 'reporting',
      applicationName: 'steep',
      connectTimeoutMs: 5000,
    }).catch((error: unknown) => error as SteepError);
    expect(failure).toMatchObject({ code });
    expect((failure as SteepError).message).not.toContain('hunter2');
    if (code !== 'CONNECTION_OPTION') expect(failure).toMatchObject({ exit: 7 });
  });
});
