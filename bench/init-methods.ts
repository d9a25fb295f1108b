// The ways to make an initial copy, each timed from nothing to a subscriber that replicates (or, for tools that only
// copy, to the last index).

import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runsAnything } from '../src/copy/check/code-guard.ts';
import { copyAllTables } from '../src/copy/copy-tables.ts';
import { holdSnapshot } from '../src/copy/read/hold-snapshot.ts';
import { migrationsBetween } from '../src/metadata/migrations.ts';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { metadataVersion } from '../src/model/state/metadata-version.ts';
import type { LockWaitPolicy } from '../src/postgres/retry/watch-locks.ts';
import { openSession, type Session } from '../src/postgres/session.ts';
import { engineSql } from '../src/postgres/sql/sql.ts';
import type { SandboxServer } from '../src/sandbox/server.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import type { Dataset } from './init-datasets.ts';

export interface Ends {
  readonly source: Conninfo;
  /** An empty database. */
  readonly target: Conninfo;
  readonly dataset: Dataset;
  readonly workers: number;
  /** For files, and gone afterwards. */
  readonly directory: string;
}

export interface Method {
  readonly name: string;
  /** Before the clock runs. */
  readonly prepare: (ends: Ends) => Promise<void>;
  readonly run: (ends: Ends) => Promise<void>;
  readonly cleanUp: (ends: Ends) => Promise<void>;
}

export const open = (conninfo: Conninfo, replication?: 'database'): Promise<Session> =>
  openSession(conninfo, {
    node: conninfo.get('dbname') ?? '',
    applicationName: 'bench',
    ...(replication === undefined ? {} : { replication }),
  });

/** One statement a message. */
export async function query<Row = unknown>(
  conninfo: Conninfo,
  ...statements: readonly string[]
): Promise<readonly Row[]> {
  const session = await open(conninfo);
  try {
    let rows: readonly Row[] = [];
    for (const statement of statements) rows = await session.query<Row>(engineSql(statement));
    return rows;
  } finally {
    await session.close();
  }
}

/** Waits for locks as long as it takes. */
export const endless: LockWaitPolicy = {
  timeoutMs: 2000,
  retries: 10,
  blockersOf: async () => new Map(),
  onWaiting: () => undefined,
  onRetry: () => undefined,
};

/** Makes the database `original` again. Answers its bytes. */
export async function fillDatabase(server: SandboxServer, dataset: Dataset): Promise<number> {
  const maintenance = server.conninfo('postgres');
  await query(
    maintenance,
    'DROP DATABASE IF EXISTS original WITH (FORCE)',
    'CREATE DATABASE original',
  );
  const source = server.conninfo('original');
  await query(source, inPublic(dataset.schema));
  await query(source, ...dataset.rows.map(inPublic));
  const [row] = await query<{ readonly size: number }>(
    source,
    'VACUUM ANALYZE',
    'CHECKPOINT',
    'SELECT pg_database_size(current_database()) AS size',
  );
  return Number(row?.size);
}

const inPublic = (text: string): string => `SET search_path = public; ${text}`;

const publish = async ({ source, target, dataset }: Ends): Promise<void> => {
  await query(target, inPublic(dataset.schema));
  await query(
    source,
    'DROP PUBLICATION IF EXISTS bench',
    'CREATE PUBLICATION bench FOR ALL TABLES',
  );
};

const subscribe = (source: Conninfo, options: string): string =>
  `CREATE SUBSCRIPTION bench CONNECTION '${source.text.replaceAll("'", "''")}' PUBLICATION bench WITH (${options})`;

async function waitUntilReady(target: Conninfo): Promise<void> {
  const session = await open(target);
  const left = engineSql(
    `SELECT 1 FROM pg_catalog.pg_subscription_rel WHERE srsubstate <> 'r' LIMIT 1`,
  );
  while ((await session.query(left)).length > 0) await delay(20);
  await session.close();
}

const unsubscribe = async ({ target }: Ends): Promise<void> => {
  await query(target, 'ALTER SUBSCRIPTION bench DISABLE', 'DROP SUBSCRIPTION bench');
};

export const native: Method = {
  name: 'native copy_data',
  prepare: publish,
  run: async ({ source, target }) => {
    await query(target, subscribe(source, 'copy_data = true'));
    await waitUntilReady(target);
  },
  cleanUp: unsubscribe,
};

const bySteep = (name: string, asked: { readonly unchecked?: true }): Method => ({
  name,
  prepare: async (ends) => {
    await publish(ends);
    for (const { text } of migrationsBetween(0, metadataVersion)) await query(ends.target, text);
  },
  run: async ({ source, target, dataset, workers }) => {
    const snapshot = await holdSnapshot(await open(source, 'database'), {
      slot: 'bench',
      plugin: 'pgoutput',
    });
    await copyAllTables({
      node: 'target',
      source: 'source',
      subscription: 'bench',
      guard: runsAnything,
      publications: ['bench'],
      runId: 'bench',
      tables: dataset.tables.map((name) => ({ schema: 'public', name })),
      snapshot,
      checkSlot: async () => null,
      workers,
      openSource: () => open(source),
      openTarget: () => open(target),
      locks: endless,
      signal: new AbortController().signal,
      clock: () => performance.now(),
      sleep: (ms) => delay(ms),
      onProgress: () => undefined,
      onTable: () => undefined,
      ...asked,
    });
    await query(
      target,
      subscribe(source, `copy_data = false, create_slot = false, slot_name = 'bench'`),
    );
    await waitUntilReady(target);
  },
  cleanUp: unsubscribe,
});

export const steep = bySteep('steep', {});

/** Without the scan that proves which rows the tables hold. */
export const unchecked = bySteep('steep --no-check', { unchecked: true });

const execute = promisify(execFile);

const dumpAndRestore: Method = {
  name: 'pg_dump -Fd, pg_restore',
  prepare: async () => undefined,
  run: async ({ source, target, workers, directory }) => {
    const jobs = ['-j', String(workers)];
    const path = `${directory}/dump`;
    await execute('pg_dump', ['-Fd', '-Z', '0', ...jobs, '-f', path, urlOf(source)]);
    await execute('pg_restore', [...jobs, '--no-publications', '-d', urlOf(target), path]);
  },
  cleanUp: ({ directory }) => rm(`${directory}/dump`, { recursive: true, force: true }),
};

const pgcopydb: Method = {
  name: 'pgcopydb clone',
  prepare: async () => undefined,
  run: async ({ source, target, workers, directory }) => {
    const jobs = ['--table-jobs', String(workers), '--index-jobs', String(workers)];
    const ends = ['--source', urlOf(source), '--target', urlOf(target)];
    await execute('pgcopydb', ['clone', ...ends, ...jobs, '--dir', `${directory}/pgcopydb`]);
  },
  cleanUp: ({ directory }) => rm(`${directory}/pgcopydb`, { recursive: true, force: true }),
};

/** 0: there is none. */
export const dumpMajorOnPath = async (): Promise<number> => {
  const version = await execute('pg_dump', ['--version']).catch(() => null);
  return Number(/(\d+)/.exec(version?.stdout ?? '')?.[1] ?? 0);
};

/** Those on PATH; a pg_dump that is older than the server refuses it. */
export async function otherTools(major: number): Promise<readonly Method[]> {
  if ((await dumpMajorOnPath()) < major) return [];
  const clone = await execute('pgcopydb', ['--version']).catch(() => null);
  return [dumpAndRestore, ...(clone === null ? [] : [pgcopydb])];
}
