// What a generate lives through: a session breaks, a lock is in the way, it is interrupted.

import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Session } from '../../../src/postgres/session.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { type StatementProxy, startProxy } from '../../support/statement-proxy/start-proxy.ts';
import { names, open, stage } from '../copy/copy-under-test.ts';
import { load, newDirectory, takeSnapshot } from './snapshot-under-test.ts';

const schema = 'CREATE TABLE wide (id int PRIMARY KEY, body text)';
/** One chunk takes long enough to be found at it. */
const rows = `INSERT INTO wide SELECT n, repeat(md5(n::text), 40) FROM generate_series(1, 60000) n`;
const tuning = { chunkBytes: 1024 ** 3, deferFromBytes: 1 };
const tables = names('wide');

const filled = async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  return it;
};

const copying = `FROM pg_stat_activity
  WHERE datname = current_database() AND query LIKE 'COPY %' AND state = 'active'
    AND application_name LIKE 'steep snapshot%'`;

/** Ends the session of the initial copy that it finds. */
const breakOne = async (source: TestDatabase): Promise<void> => {
  for (;;) {
    const ended = await source.query(`SELECT pg_terminate_backend(pid) ${copying} LIMIT 1`);
    if (ended.length > 0) return;
    await delay(1);
  }
};

test('a server that is lost after the slot was made: the same command drops it, and makes another', async () => {
  const it = await filled();
  const directory = await newDirectory();
  const { conninfo } = it.source;
  const proxy: StatementProxy = await startProxy({
    node: 'source',
    port: Number(conninfo.get('port')),
    onPassing: async ({ text }) => {
      if (text.includes('pg_export_snapshot')) proxy.cut();
    },
  });
  onTestFinished(() => proxy.close());
  const connection = urlOf(conninfo.with({ host: '127.0.0.1', port: String(proxy.port) }));
  const node = { node: null, connection, as: 'source' };
  await expect(takeSnapshot(it, directory, { tuning, node })).rejects.toThrow();
  const slots = `SELECT slot_name FROM pg_replication_slots WHERE database = current_database()`;
  expect(await it.source.query(slots)).toHaveLength(1);
  expect(await takeSnapshot(it, directory, { tuning })).toMatchObject({ rows: 60_000 });
  expect(await it.source.query(slots)).toHaveLength(1);
});

test('a session that breaks is opened again, and its chunk written again', async () => {
  const it = await filled();
  const directory = await newDirectory();
  const broken = breakOne(it.source);
  const report = await takeSnapshot(it, directory, { tuning, jobs: 1 });
  await broken;
  expect(report).toMatchObject({ rows: 60_000, tables: 1 });
  await load(it, directory);
  await waitForSameRows(it.source, it.target, tables);
});

/** In the way of everybody who reads the table. */
const holdTable = async (source: TestDatabase): Promise<Session> => {
  const holder = await open(source.conninfo, 'holder');
  onTestFinished(() => holder.close());
  await holder.script('BEGIN; LOCK TABLE public.wide IN ACCESS EXCLUSIVE MODE');
  return holder;
};

/** A slot would wait for the transaction of the holder first. */
const slotless = { tuning, slot: false } as const;

test('a lock that is in the way is waited for, and its holder named', async () => {
  const it = await filled();
  const holder = await holdTable(it.source);
  const said: string[] = [];
  const report = await takeSnapshot(it, await newDirectory(), {
    ...slotless,
    say: (text) => {
      said.push(text);
      if (text.startsWith('Waits for')) void holder.script('COMMIT');
    },
  });
  expect(said.join('\n')).toMatch(/Waits for .*pid \d+/);
  expect(report.rows).toBe(60_000);
});

test('an interrupt ends the wait for a lock as an interrupt', async () => {
  const it = await filled();
  await holdTable(it.source);
  const interrupt = new AbortController();
  const taken = takeSnapshot(it, await newDirectory(), {
    ...slotless,
    signal: interrupt.signal,
  });
  const rejected = expect(taken).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
  await waitFor('another session waits for the lock', async () => {
    const waiting = await it.source.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length > 0;
  });
  interrupt.abort(130);
  await rejected;
});

test.each([
  ['rewritten with its key', 'ALTER TABLE wide ALTER id TYPE bigint'],
  ['without an index', 'DROP INDEX bodies'],
  ['with another name', 'ALTER TABLE wide RENAME body TO text'],
  ['gone', 'DROP TABLE wide'],
])(
  'a table that is %s when the command is run again: only --restart helps',
  async (name, statement) => {
    const it = await filled();
    await it.source.query('CREATE INDEX bodies ON wide (lower(left(body, 9)))');
    const directory = await newDirectory();
    const interrupt = new AbortController();
    const taken = takeSnapshot(it, directory, {
      tuning,
      signal: interrupt.signal,
      onEvent: ({ event }) => {
        if (event === 'snapshot.table_started') interrupt.abort(130);
      },
    });
    await expect(taken).rejects.toMatchObject({ exit: 130 });
    await it.source.query(statement);
    await expect(takeSnapshot(it, directory, { tuning })).rejects.toMatchObject({
      code: 'SNAPSHOT_OUTDATED',
      suggestions: expect.arrayContaining([expect.stringContaining('--restart')]) as unknown,
    });
    if (name !== 'gone')
      expect(await takeSnapshot(it, directory, { tuning, restart: true })).toMatchObject({
        rows: 60_000,
      });
  },
);

test('an interrupt ends every session, and the same command continues', async () => {
  const it = await filled();
  const directory = await newDirectory();
  const interrupt = new AbortController();
  const taken = takeSnapshot(it, directory, {
    tuning,
    signal: interrupt.signal,
    onEvent: ({ event }) => {
      if (event === 'snapshot.table_started') interrupt.abort(130);
    },
  });
  await expect(taken).rejects.toMatchObject({ exit: 130 });
  await waitFor('no session copies any more', async () => {
    const still = await it.source.query(`SELECT ${copying}`);
    return still.length === 0;
  });
  expect(await takeSnapshot(it, directory, { tuning })).toMatchObject({ rows: 60_000 });
});
