// A large table whose file is replaced between two of its chunks: its ranges mean nothing in the new file. What keeps its
// rows visible to the snapshot is copied from new ranges, what hides them ends the copy, and TRUNCATE comes by the slot.

import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import type { CopyRequest } from '../../../src/copy/copy-tables.ts';
import { repack } from '../../support/fakes/repack.ts';
import { hashesOf, waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { fewPairs, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import {
  type CopyStage,
  copy,
  hold,
  names,
  smallTuning,
  stage,
  subscribe,
} from './copy-under-test.ts';

const schema = `
  CREATE TABLE large (id int PRIMARY KEY, note text);
  CREATE TABLE other (id int PRIMARY KEY, note text);`;

/** The first half of the file is free: whatever writes the table into a new file moves every row. */
const rows = `
  INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n;
  DELETE FROM large WHERE id <= 10000;
  INSERT INTO other SELECT n, repeat('y', 100) FROM generate_series(1, 3000) n;`;

const tables = names('large', 'other');

const newest = [newestMajor, newestMajor] as const;

async function filled(pair: readonly [number, number] = newest): Promise<CopyStage> {
  const it = await stage(schema, pair);
  await it.source.query(rows);
  return it;
}

const waiting = (database: TestDatabase, query: string): Promise<unknown> =>
  waitFor(`${query} to wait`, async () => {
    const found = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE '${query}%'`,
    );
    return found.length > 0;
  });

/** Runs it on the source between the first chunks of the large table and the next. */
async function amidst(
  it: CopyStage,
  statements: readonly string[],
  changes: Partial<CopyRequest> = {},
): Promise<{ readonly done: Promise<unknown> }> {
  const gate = await holdTransaction(it.target, 'LOCK TABLE large IN SHARE MODE');
  const tuning = { ...smallTuning, deferFromBytes: 1e9 };
  const done = copy(it, await hold(it), tables, { tuning, workers: 2, ...changes });
  // The one that waits for it gets the error.
  done.catch(() => undefined);
  await waiting(it.target, 'LOCK TABLE');
  const client = new Client({ connectionString: it.source.url });
  await client.connect();
  onTestFinished(() => client.end());
  const changed = (async () => {
    for (const statement of statements) await client.query(statement);
  })();
  await waiting(it.source, statements[0]?.slice(0, 12) ?? '');
  await gate.commit();
  await changed;
  return { done };
}

const expectSame = async (it: CopyStage): Promise<void> => {
  expect(await hashesOf(it.target, tables)).toEqual(await hashesOf(it.source, tables));
};

test('a new file whose ranges bring rows a second time, to a table that keeps its key', async () => {
  const it = await stage(schema, newest);
  await it.source.query(`
    INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 10000) n;
    CREATE INDEX shuffled ON large (md5(id::text))`);
  const { done } = await amidst(it, ['CLUSTER large USING shuffled']);
  await done;
  await expectSame(it);
});

describe.each(fewPairs)('%i to %i', (from, to) => {
  test.each(['VACUUM FULL large', 'CLUSTER large USING large_pkey'])(
    '%s: every row is copied once',
    async (statement) => {
      const it = await filled([from, to]);
      const { done } = await amidst(it, [statement]);
      await done;
      await expectSame(it);
      const chunks = await it.target.query(
        `SELECT sum(rows)::int AS rows, count(*)::int = max(chunks) AS complete
           FROM steep_repl.copy_chunks WHERE table_name = 'large'`,
      );
      expect(chunks).toEqual([{ rows: 10_000, complete: true }]);
    },
  );

  test('pg_repack: the copy ends, and the table does not count as complete', async () => {
    const it = await filled([from, to]);
    const { done } = await amidst(it, [repack('large')]);
    await expect(done).rejects.toMatchObject({
      code: 'COPY_REWRITTEN',
      message: expect.stringContaining(
        'public.large (the snapshot sees 0 of 10000 rows)',
      ) as unknown,
    });
    const complete = await it.target.query(
      `SELECT FROM steep_repl.copy_chunks WHERE table_name = 'large' HAVING count(*) = max(chunks)`,
    );
    expect(complete).toEqual([]);
  });

  test('ALTER TABLE that rewrites: the copy ends', async () => {
    const it = await filled([from, to]);
    const { done } = await amidst(it, ['ALTER TABLE large ALTER id TYPE bigint']);
    await expect(done).rejects.toMatchObject({
      code: 'COPY_REWRITTEN',
      message: expect.stringContaining('public.large (by ALTER TABLE)') as unknown,
    });
  });

  test('TRUNCATE: the slot brings it, and what comes after', async () => {
    const it = await filled([from, to]);
    const { done } = await amidst(it, [
      'TRUNCATE large',
      `INSERT INTO large SELECT n, 'after' FROM generate_series(1, 50) n`,
    ]);
    await done;
    await subscribe(it);
    const hashes = await waitForSameRows(it.source, it.target, tables);
    expect(hashes['public.large']?.rows).toBe(50);
  });

  test('again and again, beside a writer: every committed change is there once', async () => {
    const it = await filled([from, to]);
    const writer = await startWriter(
      it.source,
      (turn) => `
        INSERT INTO large VALUES (${100_000 + turn}, 'new');
        UPDATE large SET note = 'turned' WHERE id BETWEEN ${10_000 + turn * 7} AND ${10_005 + turn * 7};
        DELETE FROM large WHERE id = ${10_000 + turn * 11}`,
    );
    const { done } = await amidst(it, [
      'VACUUM FULL large',
      'CLUSTER large USING large_pkey',
      'VACUUM FULL other',
      'VACUUM FULL large',
    ]);
    await done;
    await subscribe(it);
    await writer.stop();
    await waitForSameRows(it.source, it.target, tables);
  });
});

test('of a leaf of a partitioned table that is published by its root', async () => {
  const it = await stage(`
    CREATE TABLE large (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
    CREATE TABLE low PARTITION OF large FOR VALUES FROM (0) TO (15000);
    CREATE TABLE high PARTITION OF large FOR VALUES FROM (15000) TO (30000);
    CREATE TABLE other (id int PRIMARY KEY, note text);`);
  await it.source.query(rows);
  await it.source.query('ALTER PUBLICATION everything SET (publish_via_partition_root = true)');
  const { done } = await amidst(it, ['VACUUM FULL high, low']);
  await done;
  await expectSame(it);
});

test('rows that were long enough for TOAST arrive whole', async () => {
  const it = await filled();
  await it.source.query(`
    ALTER TABLE large ALTER note SET STORAGE EXTERNAL;
    UPDATE large SET note = repeat(md5(id::text), 200) WHERE id % 50 = 0`);
  const { done } = await amidst(it, ['VACUUM FULL large']);
  await done;
  await expectSame(it);
});

test('a table without TOAST that was truncated and filled again cannot be told apart from a rewritten one', async () => {
  const it = await stage(`
    CREATE TABLE large (id int PRIMARY KEY, a bigint, b bigint);
    CREATE TABLE other (id int PRIMARY KEY, note text);`);
  await it.source.query('INSERT INTO large SELECT n, n, n FROM generate_series(1, 20000) n');
  const { done } = await amidst(it, ['TRUNCATE large', 'INSERT INTO large VALUES (1, 1, 1)']);
  await expect(done).rejects.toMatchObject({ code: 'COPY_REWRITTEN' });
});

test('a table without TOAST that was truncated and stays empty is copied as such', async () => {
  const it = await stage(`
    CREATE TABLE large (id int PRIMARY KEY, a bigint, b bigint);
    CREATE TABLE other (id int PRIMARY KEY, note text);`);
  await it.source.query('INSERT INTO large SELECT n, n, n FROM generate_series(1, 20000) n');
  const { done } = await amidst(it, ['TRUNCATE large']);
  await done;
  await expectSame(it);
});
