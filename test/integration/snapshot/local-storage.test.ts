// Snapshots in a directory: the contract of every storage, then what only a file system can meet.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStorage } from '../../../src/snapshot/storage/open-storage.ts';
import { storageContract } from '../../support/fakes/storage-contract.ts';
import {
  all,
  blocks,
  bytesOf,
  calm,
  listed,
  megabyte,
  openNew,
} from '../../support/fakes/storage-places.ts';
import { withQuota } from '../../support/servers/quota.ts';
import { mountSmallDisk } from '../../support/servers/small-disk.ts';

let home: string;
let places = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'steep-storage-'));
});
afterAll(() => rm(home, { recursive: true }));

const newDirectory = (): string => {
  places += 1;
  return join(home, String(places));
};

storageContract('directory', async () => {
  const directory = newDirectory();
  return {
    open: () => openNew(directory),
    traces: async () => {
      if (!existsSync(directory)) return [];
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    },
  };
});

describe('a directory', () => {
  test('is made for its user alone, and only when it should be', async () => {
    const directory = join(newDirectory(), 'a', 'b');
    await expect(openStorage(directory, { create: false })).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: `${directory}: ENOENT: no such file or directory.`,
      suggestions: ['Check the path, and that its disk is mounted.'],
    });
    const storage = await openNew(directory);
    await storage.write('data/t/1.bin', bytesOf('x'), calm);
    await storage.append('journal.jsonl', 'x');
    const modes = ['', 'data/t', 'data/t/1.bin', 'journal.jsonl'].map(
      async (path) => (await stat(join(directory, path))).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600, 0o600]);
    await storage.close();
    await expect(openNew(join(directory, 'journal.jsonl'))).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
    });
  });

  test('may be a link itself, but nothing in it leads out', async () => {
    const outside = newDirectory();
    const directory = newDirectory();
    await (await openNew(outside)).writeText('secret', 'do not read');
    const storage = await openNew(directory);
    await storage.writeText('data/t/1.bin', 'fine');
    await symlink(join(outside, 'secret'), join(directory, 'data/t/2.bin'));
    await symlink(outside, join(directory, 'data/u'));
    await symlink(directory, join(home, 'link'));
    const linked = await openStorage(join(home, 'link'), { create: false });
    expect(await linked.readText('data/t/1.bin', 10)).toBe('fine');

    const refused = { code: 'SNAPSHOT_LINK', message: expect.stringContaining('data/') };
    for (const path of ['data/t/2.bin', 'data/u/secret', 'data/u']) {
      await expect(storage.read(path, calm)).rejects.toMatchObject(refused);
      await expect(storage.readText(path, 100)).rejects.toMatchObject(refused);
      await expect(all(storage.readLines(path))).rejects.toMatchObject(refused);
    }
    await expect(storage.write('data/u/1.bin', bytesOf('x'), calm)).rejects.toMatchObject(refused);
    await expect(storage.sync(['data/u/secret'])).rejects.toMatchObject(refused);
    await expect(storage.sync(['data/t/2.bin'])).rejects.toMatchObject(refused);
    await expect(storage.sync(['data/t/gone'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(storage.append('data/u/j', 'x')).rejects.toMatchObject(refused);
    await expect(storage.append('data/t/2.bin', 'x')).rejects.toMatchObject(refused);
    await expect(storage.remove('data/u/secret')).rejects.toMatchObject(refused);
    await expect(all(storage.list('data/u'))).rejects.toMatchObject(refused);
    const links = (await all(storage.list(''))).filter(({ kind }) => kind === 'link');
    expect(links.map(({ path }) => path).toSorted()).toEqual(['data/t/2.bin', 'data/u']);

    // A write in the place of a link replaces the link; what it led to stays.
    await storage.write('data/t/2.bin', bytesOf('mine'), calm);
    expect(await storage.readText('data/t/2.bin', 10)).toBe('mine');
    expect(await storage.removeAll(['data/t/1.bin', 'data/t/2.bin', 'data/u'])).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect(await listed(await openNew(outside))).toEqual(['secret']);
  });

  test('with a pipe in the place of a file does not hang', async () => {
    const directory = newDirectory();
    const storage = await openNew(directory);
    execFileSync('mkfifo', [join(directory, 'manifest.json')]);
    const refused = { code: 'SNAPSHOT_LINK' };
    await expect(storage.readText('manifest.json', 10)).rejects.toMatchObject(refused);
    expect((await all(storage.list('')))[0]).toMatchObject({ kind: 'other' });
    await storage.writeText('folder/file', 'x');
    await expect(storage.writeText('folder', 'x')).rejects.toMatchObject(refused);
    await expect(storage.read('folder', calm)).rejects.toMatchObject(refused);
  });

  test('forgets a line that a crash cut short, and continues behind the last whole one', async () => {
    const directory = newDirectory();
    const storage = await openNew(directory);
    await writeFile(join(directory, 'journal.jsonl'), `one\n${'x'.repeat(200_000)}\nthr`);
    expect(await all(storage.readLines('journal.jsonl'))).toEqual(['one', 'x'.repeat(200_000)]);
    await storage.append('journal.jsonl', 'three');
    expect((await all(storage.readLines('journal.jsonl'))).at(-1)).toBe('three');
    await writeFile(join(directory, 'torn'), 'x'.repeat(200_000));
    await storage.append('torn', 'first');
    expect(await all(storage.readLines('torn'))).toEqual(['first']);
  });

  test('tells what a killed write left from files, and clears it away', async () => {
    const directory = newDirectory();
    const storage = await openNew(directory);
    await storage.writeText('data/t/1.bin', 'whole');
    const stop = new AbortController();
    const writing = storage.write(
      'data/t/2.bin',
      (async function* () {
        yield Buffer.from('half');
        const names = await readdir(join(directory, 'data/t'));
        const partial = names.find((name) => name.endsWith('.partial')) ?? '';
        await copyFile(
          join(directory, 'data/t', partial),
          join(directory, 'data/t', partial.replace('2.bin', '3.bin')),
        );
        stop.abort(new Error('stop'));
        yield Buffer.from('more');
      })(),
      stop.signal,
    );
    await expect(writing).rejects.toThrow('stop');
    const kinds = (await all(storage.list(''))).map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['file', 'partial']);
    await storage.removePartials();
    expect(await listed(storage)).toEqual(['data/t/1.bin']);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'that is full says so, and keeps what was complete',
    async () => {
      const directory = newDirectory();
      await openNew(directory);
      const disk = mountSmallDisk(directory, '4m');
      // A container may have no such right; the wrapper with a quota is in below.
      if (disk === null) return;
      const storage = await openNew(directory);
      try {
        expect(await storage.freeBytes()).toBe(4 * megabyte);
        await storage.write('data/t/1.bin', blocks(2), calm);
        await storage.append('journal.jsonl', 'first');
        const full = {
          code: 'STORAGE_FULL',
          message: expect.stringMatching(
            / cannot be written: ENOSPC: no space left on device\. Free there: [\d.]+ (bytes|kB|MB)\.$/,
          ),
        };
        await expect(storage.write('data/t/2.bin', blocks(5), calm)).rejects.toMatchObject(full);
        expect(await listed(storage)).toEqual(['data/t/1.bin', 'journal.jsonl']);
        await expect(
          storage.append('journal.jsonl', 'x'.repeat(4 * megabyte)),
        ).rejects.toMatchObject(full);
        await storage.append('journal.jsonl', 'second');
        expect(await all(storage.readLines('journal.jsonl'))).toEqual(['first', 'second']);
      } finally {
        await storage.close();
        disk.unmount();
      }
    },
  );
});

test('a quota ends a write as a full disk does', async () => {
  const storage = withQuota(await openNew(newDirectory()), 10 * megabyte);
  await storage.write('data/t/1.bin', blocks(9), calm);
  expect(await storage.freeBytes()).toBe(megabyte);
  const full = { code: 'STORAGE_FULL' };
  await expect(storage.write('data/t/2.bin', blocks(2), calm)).rejects.toMatchObject(full);
  await expect(storage.writeText('manifest.json', 'x')).rejects.toMatchObject(full);
  await expect(storage.append('journal.jsonl', 'x')).rejects.toMatchObject(full);
  expect(await listed(storage)).toEqual(['data/t/1.bin']);
});
