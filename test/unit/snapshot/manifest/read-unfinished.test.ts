// What is told of a snapshot that was not finished, from a journal as it is written, cut, damaged or forged; and which
// files are its own.

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findSnapshots } from '../../../../src/snapshot/manifest/find-snapshots.ts';
import { ownFiles } from '../../../../src/snapshot/manifest/own-files.ts';
import { readUnfinished } from '../../../../src/snapshot/manifest/read-unfinished.ts';
import { openStorage } from '../../../../src/snapshot/storage/open-storage.ts';
import { newDirectory } from '../../../integration/snapshot/snapshot-under-test.ts';
import { snapshotManifest } from '../../../support/worlds/snapshots.ts';

const fill = async (files: Readonly<Record<string, string>>) => {
  const directory = await newDirectory();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return { directory, storage: await openStorage(directory, { create: false }) };
};

const intent = { intent: { snapshotId: 'january', slot: 'anchor' } };
const header = {
  header: {
    snapshotId: 'january',
    createdAt: '2026-01-31T12:00:00.000Z',
    slot: 'anchor',
    lsn: '0/3000000',
    source: { node: 'primary', systemIdentifier: '77', database: 'app' },
    holder: { pid: 42, backendStart: '1790000000.123456' },
    choice: { tables: [{ schema: 'public', name: 'orders' }], compression: 'zstd:1' },
  },
};
const stored = { rows: 3, bytes: 90, storedBytes: 60, file: 'data/public.orders/0.bin.zst' };
const chunk = { chunks: [{ table: 0, number: 0, stored }] };

const journalOf = async (...lines: readonly (object | string)[]) => {
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const { storage } = await fill({ 'journal.jsonl': texts.map((text) => `${text}\n`).join('') });
  return readUnfinished(storage);
};

test('all that a journal tells', async () => {
  expect(await journalOf(intent, header, chunk, chunk)).toEqual({
    snapshotId: 'january',
    createdAt: '2026-01-31T12:00:00.000Z',
    node: 'primary',
    systemIdentifier: '77',
    database: 'app',
    slot: 'anchor',
    lsn: '0/3000000',
    holder: { pid: 42, backendStart: '1790000000.123456' },
    compression: 'zstd:1',
    tables: 1,
    rows: 6,
    bytes: 180,
    storedBytes: 120,
  });
});

test('a run that was killed before it had a slot', async () => {
  expect(await journalOf(intent)).toMatchObject({ slot: 'anchor', lsn: null, holder: null });
});

test('what cannot be read, or trusted, is not told', async () => {
  const forged = {
    header: {
      snapshot_id: '../etc',
      slot: "x'; DROP TABLE y; --",
      lsn: 'soon',
      holder: { pid: '1 OR 1', backend_start: 'x' },
      source: 'primary',
    },
  };
  expect(await journalOf('{"half', '[]', '7', forged)).toMatchObject({
    snapshotId: null,
    slot: null,
    lsn: null,
    holder: null,
    node: null,
  });
  const { storage } = await fill({ 'notes.txt': '' });
  expect(await readUnfinished(storage)).toBeNull();
});

test('its own files, and those of others', async () => {
  const { directory, storage } = await fill({
    'journal.jsonl': '',
    'manifest.json': '{}',
    'schema.sql': '',
    'data/public.orders/0.bin': '',
    'data/public.orders/1.bin.zst': '',
    'data/packs/12-0.bin.zst': '',
    'data/packs/notes.bin': '',
    'data/public.orders/notes.txt': '',
    'mine.bin': '',
  });
  await symlink('/etc/passwd', join(directory, 'data/public.orders/2.bin'));
  const paths = async (manifest: Parameters<typeof ownFiles>[1]) => {
    const { own, foreign } = await ownFiles(storage, manifest);
    return { own: own.map(({ path }) => path), foreign };
  };
  const unfinished = await paths(null);
  expect(unfinished.own.slice(-2)).toEqual(['journal.jsonl', 'manifest.json']);
  expect(unfinished.own.toSorted()).toEqual([
    'data/packs/12-0.bin.zst',
    'data/public.orders/0.bin',
    'data/public.orders/1.bin.zst',
    'journal.jsonl',
    'manifest.json',
    'schema.sql',
  ]);
  expect(unfinished.foreign).toEqual([
    'data/packs/notes.bin',
    'data/public.orders/2.bin',
    'data/public.orders/notes.txt',
    'mine.bin',
  ]);
  const finished = await paths(snapshotManifest());
  expect(finished.foreign).toContain('data/public.orders/1.bin.zst');
});

test('snapshots are found by their files, and not among the rows of another', async () => {
  const { storage } = await fill({
    'a/manifest.json': '',
    'a/schema.sql': '',
    'a/data/public.t/manifest.json': '',
    'a/data/public.t/schema.sql': '',
    'deep/er/b/journal.jsonl': '',
    'c/manifest.json': '',
    'c/data/public.t/0.bin': '',
    'website/manifest.json': '',
  });
  expect((await findSnapshots(storage)).toSorted((x, y) => (x.folder < y.folder ? -1 : 1))).toEqual(
    [
      { folder: 'a', kind: 'finished' },
      { folder: 'c', kind: 'finished' },
      { folder: 'deep/er/b', kind: 'unfinished' },
    ],
  );
});
