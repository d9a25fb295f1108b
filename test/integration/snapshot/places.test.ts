// Where a snapshot is kept: in a bucket as in a directory, and on a disk that is full before it begins, or in the middle.

import { afterEach, expect, test, vi } from 'vitest';
import { SteepError } from '../../../src/model/errors.ts';
import type { StoredChunk } from '../../../src/snapshot/manifest/journal.ts';
import type { Storage } from '../../../src/snapshot/storage/storage.ts';
import { startS3 } from '../../support/fakes/s3-server.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { withQuota } from '../../support/servers/quota.ts';
import { mountSmallDisk } from '../../support/servers/small-disk.ts';
import { names, stage } from '../copy/copy-under-test.ts';
import { rows, schema } from '../copy/oracle-data.ts';
import { load, newDirectory, takeSnapshot } from './snapshot-under-test.ts';

/** What becomes of every storage that is opened. */
let limit: (storage: Storage) => Storage = (storage) => storage;

vi.mock(import('../../../src/snapshot/storage/open-storage.ts'), async (original) => {
  const { openStorage } = await original();
  return {
    openStorage: async (location, options) => limit(await openStorage(location, options)),
  };
});

afterEach(() => {
  limit = (storage) => storage;
});

const tables = names('accounts', 'log', 'parts');

test('a bucket, to two targets', async () => {
  const server = await startS3('snapshots');
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  try {
    const it = await stage(schema);
    await it.source.query(rows);
    const location = 's3://snapshots/app/today';
    const report = await takeSnapshot(it, location, { compression: 'zstd' });
    expect(report.location).toBe(location);
    await load(it, location);
    await waitForSameRows(it.source, it.target, tables);
    const second = await stage(schema);
    await load(second, location);
    await waitForSameRows(it.source, second.target, tables);
    expect(server.openUploads()).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    await server.stop();
  }
});

test('too little room: nothing is begun, not even the slot', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  limit = (storage) => withQuota(storage, 1_000_000);
  await expect(takeSnapshot(it, await newDirectory())).rejects.toMatchObject({
    code: 'STORAGE_FULL',
    message: expect.stringMatching(/has 0 MB left; the remaining files need at least \d+ MB/),
  });
  const slots = await it.source.query(
    'SELECT FROM pg_replication_slots WHERE database = current_database()',
  );
  expect(slots).toEqual([]);
});

test('small tables are brought to the disk together, and only then are they on record', async () => {
  const small = Array.from({ length: 60 }, (_, index) => `small_${index}`);
  const it = await stage(small.map((name) => `CREATE TABLE ${name} (id int)`).join('; '));
  await it.source.query(small.map((name) => `INSERT INTO ${name} VALUES (1)`).join('; '));
  const synced = new Set<string>();
  const groups: number[] = [];
  limit = (storage) => ({
    ...storage,
    sync: async (paths) => {
      await storage.sync(paths);
      for (const path of paths) synced.add(path);
    },
    append: (path, line) => {
      const { chunks } = JSON.parse(line) as { readonly chunks?: readonly StoredChunk[] };
      for (const { stored } of chunks ?? []) expect(synced).toContain(stored.file);
      if (chunks !== undefined) groups.push(chunks.length);
      return storage.append(path, line);
    },
  });
  await takeSnapshot(it, await newDirectory(), { tuning: {} });
  expect(groups.toSorted((a, b) => a - b)).toEqual([10, 50]);
});

/** It cannot be known before: others fill the disk in the meantime. */
const unknownRoom = (storage: Storage): Storage => ({ ...storage, freeBytes: async () => null });

/** Full when so many groups of chunks are on record. */
const fullAfter = (storage: Storage, groups: number): Storage => {
  let left = groups;
  return {
    ...unknownRoom(storage),
    append: (path, line) => {
      if (line.startsWith('{"chunks"')) left -= 1;
      if (left >= 0) return storage.append(path, line);
      throw new SteepError('STORAGE_FULL', `${storage.location}/${path} cannot be written.`);
    },
  };
};

const assertFullThenWhole = async (directory: string, makeRoom: () => void): Promise<void> => {
  const it = await stage(schema);
  await it.source.query(rows);
  const said: string[] = [];
  await expect(takeSnapshot(it, directory)).rejects.toMatchObject({
    code: 'STORAGE_FULL',
    suggestions: expect.arrayContaining([expect.stringContaining('the same command continues')]),
  });
  makeRoom();
  await takeSnapshot(it, directory, { say: (text) => said.push(text) });
  expect(said.join()).toMatch(/Kept [1-9]\d* of \d+ chunks/);
  await load(it, directory);
  await waitForSameRows(it.source, it.target, tables);
};

test('full in the middle: the same command continues when there is room', async () => {
  limit = (storage) => fullAfter(storage, 3);
  await assertFullThenWhole(await newDirectory(), () => {
    limit = (storage) => storage;
  });
});

test.skipIf(process.getuid?.() !== 0)('the same on a disk that is full', async () => {
  const directory = await newDirectory();
  const disk = mountSmallDisk(directory, '2m');
  // A container may have no such right.
  if (disk === null) return;
  limit = unknownRoom;
  try {
    await assertFullThenWhole(directory, () => disk.grow('32m'));
  } finally {
    disk.unmount();
  }
});
