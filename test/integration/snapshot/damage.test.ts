// Whatever happens to the files of a snapshot between two machines is found before the first row is written, and named.

import {
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SnapshotManifest } from '../../../src/model/snapshot/snapshot.ts';
import { parseManifest, renderManifest } from '../../../src/snapshot/manifest/manifest.ts';
import { type CopyStage, stage } from '../copy/copy-under-test.ts';
import { load, newDirectory, takeSnapshot } from './snapshot-under-test.ts';

const schema = `
  CREATE TABLE items (id int PRIMARY KEY, note text);
  CREATE TABLE other (id int PRIMARY KEY, note text);`;

let it: CopyStage;
let whole: string;
let text: string;
let manifest: SnapshotManifest;

const cleanups: (() => Promise<void>)[] = [];
const later = (end: () => Promise<void>): void => void cleanups.push(end);

afterAll(async () => {
  for (const end of cleanups.toReversed()) await end();
});

beforeAll(async () => {
  it = await stage(schema, undefined, later);
  await it.source.query(`
    INSERT INTO items SELECT n, repeat('i', 50) FROM generate_series(1, 20000) n;
    INSERT INTO other SELECT n, repeat('o', 50) FROM generate_series(1, 20000) n;`);
  whole = await newDirectory(later);
  await takeSnapshot(it, whole, {}, later);
  text = await readFile(join(whole, 'manifest.json'), 'utf8');
  manifest = parseManifest(text, 'manifest.json');
});

const chunk = 'data/public.items/0.bin';

const inCopy = async (change: (directory: string) => Promise<void>): Promise<string> => {
  const directory = await newDirectory();
  await cp(whole, directory, { recursive: true });
  await change(directory);
  return directory;
};

/** A forger who knows how the digest is made. */
const forge = (change: (manifest: SnapshotManifest) => SnapshotManifest) =>
  inCopy((directory) =>
    writeFile(join(directory, 'manifest.json'), renderManifest(change(manifest))),
  );

const withFile = (file: string) => (from: SnapshotManifest) => ({
  ...from,
  tables: from.tables.map((table, index) =>
    index > 0
      ? table
      : { ...table, chunks: table.chunks.map((it, number) => (number > 0 ? it : { ...it, file })) },
  ),
});

test('every byte of the manifest counts', () => {
  const bytes = Buffer.from(text);
  const unnoticed: number[] = [];
  for (const [position, byte] of bytes.entries()) {
    for (const bit of [1, 32]) {
      bytes[position] = byte ^ bit;
      try {
        parseManifest(bytes.toString('utf8'), 'manifest.json');
        unnoticed.push(position);
      } catch (error) {
        expect(error).toMatchObject({
          code: expect.stringMatching(/^SNAPSHOT_(DAMAGED|FORMAT)$/),
        });
      }
    }
    bytes[position] = byte;
  }
  expect(unnoticed).toEqual([]);
  for (const length of [0, 1, bytes.length - 1]) {
    expect(() => parseManifest(text.slice(0, length), 'manifest.json')).toThrow('is damaged');
  }
  expect(() => parseManifest(` ${text}`, 'manifest.json')).toThrow(
    'not in the form that steep writes',
  );
});

test.each<[string, string, (directory: string) => Promise<void>]>([
  ['cut short', `${chunk} has`, (at) => truncate(join(at, chunk), 1000)],
  ['missing', `${chunk} is missing`, (at) => rm(join(at, chunk))],
  [
    'changed in one byte',
    `${chunk} has other content`,
    async (at) => {
      const bytes = await readFile(join(at, chunk));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(join(at, chunk), bytes);
    },
  ],
  [
    'swapped with one of another table',
    'has other content',
    async (at) => {
      await rename(join(at, chunk), join(at, 'kept'));
      await rename(join(at, 'data/public.other/0.bin'), join(at, chunk));
      await rename(join(at, 'kept'), join(at, 'data/public.other/0.bin'));
    },
  ],
  [
    'a link',
    `${chunk} is a link`,
    async (at) => {
      await rm(join(at, chunk));
      await symlink('/etc/passwd', join(at, chunk));
    },
  ],
  [
    'joined by a stranger',
    'data/stranger does not belong',
    (at) => writeFile(join(at, 'data/stranger'), ''),
  ],
  [
    'schema.sql changed',
    'schema.sql',
    (at) => writeFile(join(at, 'schema.sql'), 'DROP TABLE items;'),
  ],
  [
    'sequences.json changed',
    'sequences.json',
    (at) => writeFile(join(at, 'sequences.json'), '[]\n\n'),
  ],
  [
    'a folder that is a link',
    'is a link',
    async (at) => {
      await rename(join(at, 'data/public.items'), join(at, 'data/away'));
      await symlink(join(at, 'data/away'), join(at, 'data/public.items'));
    },
  ],
])('%s: refused, and nothing is written', async (_what, named, change) => {
  const directory = await inCopy(change);
  await expect(load(it, directory)).rejects.toMatchObject({
    code: expect.stringMatching(/^SNAPSHOT_(DAMAGED|LINK)$/),
    message: expect.stringContaining(named),
    exit: 3,
  });
  expect(await it.target.query('SELECT count(*)::int AS n FROM items')).toEqual([{ n: 0 }]);
});

test.each([
  '../outside.bin',
  '/etc/passwd',
  'data/../../outside.bin',
  'data//0.bin',
  'C:/outside.bin',
  'data\\..\\outside.bin',
  'data/public.items/\u0000.bin',
])('a forged manifest that names %j', async (file) => {
  const directory = await forge(withFile(file));
  await mkdir(join(directory, 'data'), { recursive: true });
  await expect(load(it, directory)).rejects.toMatchObject({ code: 'SNAPSHOT_PATH' });
});

test('a forged manifest with one file for two chunks', async () => {
  const directory = await forge(withFile(manifest.tables[1]?.chunks[0]?.file ?? ''));
  await expect(load(it, directory)).rejects.toThrow('twice');
});

test('another format, another encoding, and no manifest', async () => {
  const newer = await forge(
    (from) => ({ ...from, formatVersion: 3 }) as unknown as SnapshotManifest,
  );
  await expect(load(it, newer)).rejects.toMatchObject({ code: 'SNAPSHOT_FORMAT' });
  const latin = await forge((from) => ({
    ...from,
    source: { ...from.source, encoding: 'LATIN1' },
  }));
  await expect(load(it, latin)).rejects.toMatchObject({
    code: 'SNAPSHOT_ENCODING',
    message: expect.stringContaining('LATIN1'),
  });
  const bare = await inCopy((at) => rm(join(at, 'manifest.json')));
  await expect(load(it, bare)).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING' });
  await expect(load(it, await newDirectory())).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING' });
  expect(await readdir(whole)).toContain('manifest.json');
});

test('rows that are not those of the manifest, with hashes that fit', async () => {
  const other = manifest.tables.find(({ name }) => name === 'other');
  const directory = await forge((from) => ({
    ...from,
    tables: from.tables.map((table) =>
      table.name === 'items' && other !== undefined
        ? {
            ...table,
            rows: table.rows + 1,
            chunks: table.chunks.map((it, n) => (n > 0 ? it : { ...it, rows: it.rows + 1 })),
          }
        : table,
    ),
  }));
  await expect(load(it, directory)).rejects.toMatchObject({ code: 'COPY_MISCOUNTED' });
});
