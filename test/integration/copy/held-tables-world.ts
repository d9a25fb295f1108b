// Tables that a copy holds, the copy in the middle of its rows, and statements that want a table exclusively.

import { Client } from 'pg';
import { expect, onTestFinished } from 'vitest';
import { readBlockers } from '../../../src/catalog/copies/read-progress.ts';
import type { CopyRequest } from '../../../src/copy/copy-tables.ts';
import type { LockWaitPolicy } from '../../../src/postgres/retry/watch-locks.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { holderName, holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import {
  type CopyStage,
  copy,
  endless,
  hold,
  names,
  open,
  smallTuning,
  stage,
} from './copy-under-test.ts';

const schema = `
  CREATE TABLE large (id int PRIMARY KEY, note text);
  CREATE TABLE other (id int PRIMARY KEY, note text);
  CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (15000);
  CREATE TABLE high PARTITION OF parts FOR VALUES FROM (15000) TO (30000);`;

/** The first half of the file is free: whatever writes the table into a new file moves every row. */
const rows = `
  INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n;
  DELETE FROM large WHERE id <= 10000;
  INSERT INTO other SELECT n, repeat('y', 100) FROM generate_series(1, 3000) n;
  INSERT INTO parts SELECT n, repeat('z', 100) FROM generate_series(1, 20000) n;`;

export const tables = names('large', 'other', 'parts');

export async function filled(
  pair: readonly [number, number] = [newestMajor, newestMajor],
): Promise<CopyStage> {
  const it = await stage(schema, pair);
  await it.source.query('ALTER PUBLICATION everything SET (publish_via_partition_root = true)');
  await it.source.query(rows);
  return it;
}

export const holding = {
  holdTables: true,
  tuning: { ...smallTuning, deferFromBytes: 1e9 },
} as const;

export const waitingFor = (database: TestDatabase, query: string): Promise<unknown> =>
  waitFor(`${query} to wait`, async () => {
    const found = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '${query}%'`,
    );
    return found.length > 0;
  });

/** A copy of which the rows of the large table cannot be stored until the gate is opened. */
export async function amidst(it: CopyStage, changes: Partial<CopyRequest> = {}) {
  const gate = await holdTransaction(it.target, 'LOCK TABLE large IN SHARE MODE');
  const done = copy(it, await hold(it), tables, { ...holding, workers: 2, ...changes });
  done.catch(() => undefined);
  await waitingFor(it.target, 'LOCK TABLE');
  return { gate, done };
}

/** In a session of its own, which may wait. */
export async function start(database: TestDatabase, statement: string) {
  const client = new Client({ connectionString: database.url, application_name: holderName });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  const { rows: found } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const ended = client.query(statement);
  ended.catch(() => undefined);
  await waitingFor(database, statement);
  return { pid: found[0]?.pid ?? 0, ended };
}

/** Tables of which not every chunk is on the target. */
export const incomplete = (target: TestDatabase) =>
  target.query(
    `SELECT t.name FROM unnest('{large,other,parts}'::text[]) AS t (name)
      WHERE coalesce((SELECT count(*) < max(chunks) FROM steep_repl.copy_chunks AS c WHERE c.table_name = t.name), true)`,
  );

export const sharedLocks = (source: TestDatabase) =>
  source.query(
    `SELECT FROM pg_locks WHERE mode = 'AccessShareLock' AND pid <> pg_backend_pid()
        AND relation IN ('large'::regclass, 'other'::regclass, 'parts'::regclass, 'low'::regclass)`,
  );

export const patient = async (
  it: CopyStage,
  changes: Partial<LockWaitPolicy>,
): Promise<LockWaitPolicy> => {
  const observer = await open(it.source.conninfo, 'observer');
  onTestFinished(() => observer.close());
  const blockersOf: LockWaitPolicy['blockersOf'] = async (node, pids) =>
    node === 'source' ? readBlockers(observer, pids) : new Map();
  return { ...endless, timeoutMs: 600, retries: 1, blockersOf, ...changes };
};

/** Ends a session whose rows cannot be stored yet: the copy hears of it when they are. */
export const loseReader = async ({ source }: CopyStage): Promise<void> => {
  const found = await source.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'steep source' AND query LIKE 'COPY%' LIMIT 1`,
  );
  expect(found).toHaveLength(1);
};
