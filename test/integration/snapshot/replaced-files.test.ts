// A large table whose file is replaced while a snapshot of it is written: what was stored from the old file is void.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { repack } from '../../support/fakes/repack.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { fewPairs, newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { type CopyStage, names, stage } from '../copy/copy-under-test.ts';
import { follow, load, newDirectory, takeSnapshot } from './snapshot-under-test.ts';

const schema = 'CREATE TABLE large (id int PRIMARY KEY, note text)';

/** The first half of the file is free: whatever writes the table into a new file moves every row. */
const rows = `
  INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n;
  DELETE FROM large WHERE id <= 10000`;

const tables = names('large');

async function filled(pair: readonly [number, number] = [newestMajor, newestMajor]) {
  const it = await stage(schema, pair);
  await it.source.query(rows);
  return it;
}

/** Many chunks, so that there is time between the first and the last. */
const tuning = { chunkBytes: 16 * 1024, deferFromBytes: 1 };

const hasChunk = async (directory: string): Promise<boolean> => {
  const journal = await readFile(join(directory, 'journal.jsonl'), 'utf8').catch(() => '');
  return journal.includes('{"chunks"');
};

/** Stops when the first chunk is stored, and runs this on the source before the snapshot continues. */
async function interrupted(it: CopyStage, directory: string, statement: string): Promise<void> {
  const interrupt = new AbortController();
  const taken = takeSnapshot(it, directory, { jobs: 1, tuning, signal: interrupt.signal });
  const rejected = expect(taken).rejects.toMatchObject({ exit: 130 });
  await waitFor('a chunk is stored', () => hasChunk(directory), { everyMs: 2 });
  interrupt.abort(130);
  await rejected;
  await it.source.query(statement);
}

describe.each(fewPairs)('%i to %i', (from, to) => {
  test.each(['VACUUM FULL large', 'CLUSTER large USING large_pkey'])(
    '%s between two runs: every row is stored once',
    async (statement) => {
      const it = await filled([from, to]);
      const directory = await newDirectory();
      await interrupted(it, directory, statement);
      expect(await takeSnapshot(it, directory, { tuning })).toMatchObject({ rows: 10_000 });
      await load(it, directory);
      await waitForSameRows(it.source, it.target, tables);
    },
  );

  test('beside a writer, in the same run: every committed change is there once', async () => {
    const it = await filled([from, to]);
    const directory = await newDirectory();
    const writer = await startWriter(
      it.source,
      (turn) => `
        INSERT INTO large VALUES (${100_000 + turn}, 'new');
        UPDATE large SET note = 'turned' WHERE id BETWEEN ${10_000 + turn * 7} AND ${10_005 + turn * 7};
        DELETE FROM large WHERE id = ${10_000 + turn * 11}`,
    );
    const client = new Client({ connectionString: it.source.url });
    await client.connect();
    onTestFinished(() => client.end());
    const changes: Promise<unknown>[] = [];
    await takeSnapshot(it, directory, {
      jobs: 2,
      tuning,
      onProgress: ({ rowsCopied }) => {
        if (rowsCopied > 0 && changes.length < 2) changes.push(client.query('VACUUM FULL large'));
      },
    });
    await Promise.all(changes);
    expect(changes.length).toBeGreaterThan(0);
    await load(it, directory);
    await follow(it);
    await writer.stop();
    await waitForSameRows(it.source, it.target, tables);
  });

  test('with held tables VACUUM FULL waits until the last row is read', async () => {
    const it = await filled([from, to]);
    const directory = await newDirectory();
    const client = new Client({ connectionString: it.source.url });
    await client.connect();
    onTestFinished(() => client.end());
    let read = 0;
    const rewritten: Promise<number>[] = [];
    await takeSnapshot(it, directory, {
      jobs: 2,
      tuning,
      holdTables: true,
      onProgress: ({ rowsCopied }) => {
        read = rowsCopied;
        if (rowsCopied === 0 || rewritten.length > 0) return;
        rewritten.push(client.query('VACUUM FULL large').then(() => read));
      },
    });
    expect(await Promise.all(rewritten)).toEqual([10_000]);
    await load(it, directory);
    await waitForSameRows(it.source, it.target, tables);
  });

  test('pg_repack between two runs: nothing is called a snapshot', async () => {
    const it = await filled([from, to]);
    const directory = await newDirectory();
    await interrupted(it, directory, repack('large'));
    await expect(takeSnapshot(it, directory, { tuning })).rejects.toMatchObject({
      code: 'COPY_REWRITTEN',
    });
    await expect(readFile(join(directory, 'manifest.json'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  test('TRUNCATE between two runs: the slot brings it, and what comes after', async () => {
    const it = await filled([from, to]);
    const directory = await newDirectory();
    await interrupted(it, directory, `TRUNCATE large; INSERT INTO large VALUES (1, 'after')`);
    expect(await takeSnapshot(it, directory, { tuning })).toMatchObject({ rows: 0 });
    await load(it, directory);
    await follow(it);
    await waitForSameRows(it.source, it.target, tables);
  });
});
