// Small tables share files. Each is loaded by itself, whatever was killed, damaged or forged meanwhile; snapshots in which
// every table has a file of its own still load.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatName, type QualifiedName } from '../../../src/model/identifier.ts';
import {
  manifestFile,
  type SnapshotChunk,
  type SnapshotManifest,
} from '../../../src/model/snapshot/snapshot.ts';
import { renderManifest } from '../../../src/snapshot/manifest/manifest.ts';
import { readManifest } from '../../../src/snapshot/manifest/read-manifest.ts';
import { openStorage } from '../../../src/snapshot/storage/open-storage.ts';
import { findFaults } from '../../../src/snapshot/verify.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { type CopyStage, type Later, names, stage } from '../copy/copy-under-test.ts';
import { load, newDirectory, takeSnapshot } from './snapshot-under-test.ts';

const count = 60;
const tables = Array.from({ length: count }, (_, n) => `small_${n}`);
const schema = tables.map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY, note text)`);
/** One table is empty although its file is not, and one has no rows that anything was ever stored of. */
const rows = tables
  .slice(1)
  .map(
    (table, at) =>
      `INSERT INTO ${table} SELECT n, md5(n::text) FROM generate_series(1, ${at * 7 + 1}) n`,
  );

async function filled(later: Later = onTestFinished): Promise<CopyStage> {
  const it = await stage(schema.join(';'), undefined, later);
  await it.source.query([...rows, 'DELETE FROM small_1'].join(';'));
  return it;
}

const all = names(...tables);

/** One worker, so that what is stored is stored in order. */
const alone = { jobs: 1, tuning: {} };

const manifestOf = async (directory: string): Promise<SnapshotManifest> => {
  const storage = await openStorage(directory, { create: false });
  return readManifest(storage);
};

const chunksOf = (manifest: SnapshotManifest): readonly SnapshotChunk[] =>
  manifest.tables.flatMap(({ chunks }) => chunks);

const faultsOf = async (directory: string): Promise<readonly string[]> => {
  const storage = await openStorage(directory, { create: false });
  const options = { jobs: 2, signal: new AbortController().signal, onProgress: () => undefined };
  const faults = await findFaults(storage, await readManifest(storage), options);
  return faults.map(({ path, fault }) => `${path} ${fault}`);
};

const packsIn = async (directory: string): Promise<readonly string[]> =>
  (await readdir(join(directory, 'data/packs'))).toSorted().map((it) => `data/packs/${it}`);

test.each(['none', 'gzip', 'lz4', 'zstd'])(
  '%s: a few files, and every row',
  async (compression) => {
    const it = await filled();
    const directory = await newDirectory();
    await takeSnapshot(it, directory, { ...alone, compression });
    const manifest = await manifestOf(directory);
    expect(manifest.formatVersion).toBe(2);
    const files = new Set(chunksOf(manifest).flatMap(({ file }) => file ?? []));
    expect(files.size).toBeLessThan(5);
    expect(await faultsOf(directory)).toEqual([]);
    await load(it, directory);
    await waitForSameRows(it.source, it.target, all);
  },
);

test('some of the tables that share a file are loaded alone', async () => {
  const it = await filled();
  const directory = await newDirectory();
  await takeSnapshot(it, directory, alone);
  const wanted = names('small_1', 'small_7', 'small_40');
  await load(it, directory, wanted);
  await waitForSameRows(it.source, it.target, wanted);
  expect(await it.target.query('SELECT count(*)::int AS n FROM small_8')).toEqual([{ n: 0 }]);
});

describe('stopped after the first file', () => {
  const stopped = async (): Promise<readonly [CopyStage, string]> => {
    const it = await filled();
    const directory = await newDirectory();
    const stop = new AbortController();
    const taken = takeSnapshot(it, directory, {
      ...alone,
      signal: stop.signal,
      onEvent: ({ event }) => event === 'snapshot.table_complete' && stop.abort(130),
    });
    await expect(taken).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(await packsIn(directory)).toHaveLength(1);
    return [it, directory];
  };

  const finished = async (it: CopyStage, directory: string): Promise<readonly string[]> => {
    const said: string[] = [];
    await takeSnapshot(it, directory, { ...alone, say: (text) => said.push(text) });
    expect(await faultsOf(directory)).toEqual([]);
    await load(it, directory);
    await waitForSameRows(it.source, it.target, all);
    return said;
  };

  test('what it holds is kept', async () => {
    const [it, directory] = await stopped();
    const said = await finished(it, directory);
    expect(said.join('\n')).toMatch(/Kept [45]\d of 60/);
  });

  test('a file that no line of the journal names is taken away', async () => {
    const [it, directory] = await stopped();
    await writeFile(join(directory, 'data/packs/59-0.bin'), 'rows of a run that was killed');
    await finished(it, directory);
  });

  test('one that was damaged is read again, with all of its tables', async () => {
    const [it, directory] = await stopped();
    const [pack = ''] = await packsIn(directory);
    const bytes = await readFile(join(directory, pack));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(join(directory, pack), bytes);
    const said = await finished(it, directory);
    expect(said.join('\n')).not.toMatch(/Kept [1-9]\d of/);
  });
});

describe('a snapshot that was changed', () => {
  let it: CopyStage;
  let whole: string;
  let manifest: SnapshotManifest;
  const cleanUps: (() => Promise<unknown>)[] = [];
  const later: Later = (clean) => cleanUps.push(clean);

  beforeAll(async () => {
    it = await filled(later);
    whole = await newDirectory(later);
    await takeSnapshot(it, whole, alone, later);
    manifest = await manifestOf(whole);
  });

  afterAll(async () => {
    for (const clean of cleanUps.toReversed()) await clean();
  });

  const forged = async (
    change: (chunk: SnapshotChunk, table: QualifiedName) => SnapshotChunk,
    formatVersion: 1 | 2 = 2,
  ): Promise<string> => {
    const directory = await newDirectory();
    const changed = {
      ...manifest,
      formatVersion,
      tables: manifest.tables.map((table) => ({
        ...table,
        chunks: table.chunks.map((chunk) => change(chunk, table)),
      })),
    };
    await writeFile(join(directory, manifestFile), renderManifest(changed));
    for (const file of ['schema.sql', 'sequences.json', ...(await packsIn(whole))]) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), await readFile(join(whole, file)));
    }
    return directory;
  };

  const isOf =
    (name: string) =>
    (table: QualifiedName): boolean =>
      formatName(table) === `public.${name}`;

  test.each<[string, (chunk: SnapshotChunk) => SnapshotChunk]>([
    ['two parts that overlap', (chunk) => ({ ...chunk, offset: (chunk.offset ?? 0) - 1 })],
    ['a gap', (chunk) => ({ ...chunk, offset: (chunk.offset ?? 0) + 1 })],
    ['a part that is too short', (chunk) => ({ ...chunk, storedBytes: chunk.storedBytes - 1 })],
  ])('%s: refused by the manifest', async (_what, change) => {
    const isChanged = isOf('small_30');
    const directory = await forged((chunk, table) => (isChanged(table) ? change(chunk) : chunk));
    await expect(load(it, directory)).rejects.toMatchObject({
      code: 'SNAPSHOT_DAMAGED',
      message: expect.stringMatching(/data\/packs\/\S+ overlap, or leave some of it out/),
      exit: 3,
    });
  });

  test('two tables that have a file each, and it is the same', async () => {
    const directory = await forged(({ offset: _, ...chunk }) => chunk);
    await expect(load(it, directory)).rejects.toThrow('twice');
  });

  test('rows that have other hashes than the file, and a file that is longer', async () => {
    const isChanged = isOf('small_30');
    const directory = await forged((chunk, table) =>
      isChanged(table) ? { ...chunk, storedSha256: '0'.repeat(64) } : chunk,
    );
    await expect(load(it, directory)).rejects.toThrow('has other content than was written');
    const longer = await forged((chunk) => chunk);
    const [pack = ''] = await packsIn(longer);
    await writeFile(
      join(longer, pack),
      Buffer.concat([await readFile(join(longer, pack)), Buffer.alloc(1)]),
    );
    await expect(load(it, longer)).rejects.toThrow('bytes instead of');
    expect(await it.target.query('SELECT count(*)::int AS n FROM small_30')).toEqual([{ n: 0 }]);
  });

  test('one of the format in which every table has its own file is loaded', async () => {
    const own = new Map<string, Buffer>();
    const contents = new Map<string, Buffer>();
    for (const file of await packsIn(whole)) contents.set(file, await readFile(join(whole, file)));
    const directory = await forged(({ offset = 0, ...chunk }, table) => {
      const file = `data/public.${table.name}/0.bin`;
      const from = contents.get(chunk.file ?? '');
      if (from === undefined) return chunk;
      own.set(file, from.subarray(offset, offset + chunk.storedBytes));
      return { ...chunk, file };
    }, 1);
    await rm(join(directory, 'data/packs'), { recursive: true });
    for (const [file, bytes] of own) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), bytes);
    }
    expect(await faultsOf(directory)).toEqual([]);
    onTestFinished(async () => void (await it.target.query(`TRUNCATE ${tables.join(', ')}`)));
    await load(it, directory);
    await waitForSameRows(it.source, it.target, all);
  });
});
