// What every storage keeps to, wherever it keeps its files. A directory and a bucket are both held to it.

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Content, Storage } from '../../../src/snapshot/storage/storage.ts';
import { all, bytesOf, calm, collectText, listed, megabyte } from './storage-places.ts';

/** A place for one test, which no other test uses. */
export interface Place {
  readonly open: () => Promise<Storage>;
  /** Everything that is there, temporary files and parts of uploads included. */
  readonly traces: () => Promise<readonly string[]>;
}

/** So many megabytes, one at a time; then whatever `end` does. */
async function* large(megabytes: number, end: () => Promise<void> | void = () => {}): Content {
  const block = randomBytes(megabyte);
  for (let index = 0; index < megabytes; index += 1) yield block;
  await end();
}

export const storageContract = (name: string, place: () => Promise<Place>): void => {
  describe(name, () => {
    let here: Place;
    let storage: Storage;
    beforeEach(async () => {
      here = await place();
      storage = await here.open();
    });
    afterEach(() => storage.close());

    test('what is written is read', async () => {
      expect(await storage.write('data/t/1.bin', bytesOf('hello ', 'world'), calm)).toBe(11);
      expect(await storage.write('empty', bytesOf(), calm)).toBe(0);
      expect(await collectText(await storage.read('data/t/1.bin', calm))).toBe('hello world');
      expect(await collectText(await storage.read('empty', calm))).toBe('');
      const files = await all(storage.list(''));
      expect(files.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: 'data/t/1.bin', bytes: 11, kind: 'file' },
        { path: 'empty', bytes: 0, kind: 'file' },
      ]);
    });

    test('a part of a file is read', async () => {
      await storage.write('data/t/1.bin', bytesOf('hello ', 'world'), calm);
      const read = async (from: number, bytes: number): Promise<string> =>
        collectText(await storage.read('data/t/1.bin', calm, { from, bytes }));
      expect(await read(0, 5)).toBe('hello');
      expect(await read(4, 3)).toBe('o w');
      expect(await read(10, 1)).toBe('d');
    });

    test('a file that is written again is the new one', async () => {
      await storage.writeText('manifest.json', 'old and longer');
      await storage.writeText('manifest.json', 'new');
      expect(await storage.readText('manifest.json', 100)).toBe('new');
      await storage.write('manifest.json', bytesOf('newer'), calm);
      expect(await storage.readText('manifest.json', 5)).toBe('newer');
      expect(await here.traces()).toHaveLength(1);
    });

    test('small texts have a limit', async () => {
      await storage.writeText('manifest.json', 'sechs€');
      expect(await storage.readText('manifest.json', 8)).toBe('sechs€');
      await expect(storage.readText('manifest.json', 7)).rejects.toMatchObject({
        code: 'SNAPSHOT_FILE_LARGE',
        message: `${storage.location}/manifest.json is larger than 7 bytes, which is more than steep ever writes to such a file.`,
      });
    });

    test('what is not there', async () => {
      expect(await storage.readText('manifest.json', 10)).toBeNull();
      expect(await all(storage.readLines('journal.jsonl'))).toEqual([]);
      expect(await listed(storage, 'data')).toEqual([]);
      await storage.remove('data/t/1.bin');
      await storage.removePartials();
      await expect(storage.read('data/t/1.bin', calm)).rejects.toMatchObject({
        code: 'SNAPSHOT_FILE_MISSING',
        message: `${storage.location}/data/t/1.bin does not exist.`,
      });
    });

    test('lists what is below a folder, and nothing next to it', async () => {
      for (const path of ['data/a/1', 'data/a/2', 'data/ab/1', 'data.json']) {
        await storage.writeText(path, path);
      }
      expect(await listed(storage)).toEqual(['data.json', 'data/a/1', 'data/a/2', 'data/ab/1']);
      expect(await listed(storage, 'data')).toEqual(['data/a/1', 'data/a/2', 'data/ab/1']);
      expect(await listed(storage, 'data/a')).toEqual(['data/a/1', 'data/a/2']);
    });

    test('odd names', async () => {
      const names = [
        'ä ö/日本語',
        'a+b&c=d?e#f%20g',
        'it\'s <"quoted">;',
        '-rf',
        '...',
        '~',
        'x'.repeat(200),
      ];
      for (const path of names) await storage.write(path, bytesOf(path), calm);
      expect(await listed(storage)).toEqual(names.toSorted());
      for (const path of names) expect(await storage.readText(path, 500)).toBe(path);
      for (const path of names) await storage.remove(path);
      expect(await here.traces()).toEqual([]);
    });

    test.each(['../up', '/etc/passwd', 'a//b', 'a\\b', 'a/../../b', ''])(
      '%j is no path',
      async (path) => {
        const refused = { code: 'SNAPSHOT_PATH' };
        await expect(storage.write(path, bytesOf('x'), calm)).rejects.toMatchObject(refused);
        await expect(storage.writeText(path, 'x')).rejects.toMatchObject(refused);
        await expect(storage.append(path, 'x')).rejects.toMatchObject(refused);
        await expect(storage.read(path, calm)).rejects.toMatchObject(refused);
        await expect(storage.readText(path, 1)).rejects.toMatchObject(refused);
        await expect(storage.remove(path)).rejects.toMatchObject(refused);
        await expect(all(storage.readLines(path))).rejects.toMatchObject(refused);
        if (path !== '') await expect(all(storage.list(path))).rejects.toMatchObject(refused);
        expect(await here.traces()).toEqual([]);
      },
    );

    test.each([0, 1, 30])('content that fails after %i MB leaves nothing', async (megabytes) => {
      const failure = Object.assign(new Error('connection lost'), { code: '08006' });
      const content = large(megabytes, () => {
        throw failure;
      });
      await expect(storage.write('data/t/1.bin', content, calm)).rejects.toBe(failure);
      expect(await here.traces()).toEqual([]);
    });

    test.each([0, 1, 30])(
      'an abort after %i MB leaves nothing, even of silent content',
      async (megabytes) => {
        const stop = new AbortController();
        const reason = new Error('interrupted');
        const content = large(megabytes, async () => {
          stop.abort(reason);
          await new Promise(() => {});
        });
        await expect(storage.write('data/t/1.bin', content, stop.signal)).rejects.toBe(reason);
        await expect(storage.write('data/t/2.bin', bytesOf('x'), stop.signal)).rejects.toBe(reason);
        expect(await here.traces()).toEqual([]);
      },
    );

    test('an older file outlives a write that fails', async () => {
      await storage.writeText('manifest.json', 'old');
      const content = large(20, () => Promise.reject(new Error('lost')));
      await expect(storage.write('manifest.json', content, calm)).rejects.toThrow('lost');
      expect(await storage.readText('manifest.json', 10)).toBe('old');
    });

    test('many at once', async () => {
      const paths = Array.from({ length: 40 }, (_, index) => `data/t${index % 7}/${index}.bin`);
      await Promise.all(paths.map((path) => storage.write(path, bytesOf(path, path), calm)));
      const texts = paths.map(async (path) => collectText(await storage.read(path, calm)));
      expect(await Promise.all(texts)).toEqual(paths.map((path) => path + path));
    });

    test('two writes of one name: one of them is there', async () => {
      const versions = ['a', 'b', 'c'].map((text) => text.repeat(100_000));
      await Promise.all(versions.map((text) => storage.write('same', bytesOf(text), calm)));
      expect(versions).toContain(await storage.readText('same', 100_000));
      expect(await here.traces()).toHaveLength(1);
    });

    test('memory does not grow with the file', async () => {
      global.gc?.();
      const before = process.memoryUsage().rss;
      let peak = 0;
      async function* measured(): Content {
        for await (const chunk of large(160)) {
          peak = Math.max(peak, process.memoryUsage().rss - before);
          yield chunk;
        }
      }
      expect(await storage.write('large', measured(), calm)).toBe(160 * megabyte);
      let bytes = 0;
      for await (const chunk of await storage.read('large', calm)) {
        bytes += (chunk as Buffer).length;
        peak = Math.max(peak, process.memoryUsage().rss - before);
      }
      expect(bytes).toBe(160 * megabyte);
      expect(peak / megabyte).toBeLessThan(120);
    });

    test('a reader that goes away, or is told to stop', async () => {
      await storage.write('large', large(20), calm);
      for await (const _ of await storage.read('large', calm)) break;
      const stop = new AbortController();
      const reason = new Error('interrupted');
      const reading = async (): Promise<void> => {
        for await (const _ of await storage.read('large', stop.signal)) stop.abort(reason);
      };
      await expect(reading()).rejects.toBe(reason);
      await expect(storage.read('large', stop.signal)).rejects.toBe(reason);
    });

    test('a journal keeps its lines, in order, across runs', async () => {
      await storage.append('journal.jsonl', '{"n":1}');
      await storage.append('journal.jsonl', 'ä'.repeat(100_000));
      const later = await here.open();
      await later.append('journal.jsonl', '');
      expect(await all(later.readLines('journal.jsonl'))).toEqual([
        '{"n":1}',
        'ä'.repeat(100_000),
        '',
      ]);
      expect(await listed(later)).toEqual(['journal.jsonl']);
      await later.remove('journal.jsonl');
      expect(await here.traces()).toEqual([]);
      await later.close();
    });

    test('a journal that many append to', async () => {
      const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
      await Promise.all(lines.map((line) => storage.append('journal.jsonl', line)));
      expect((await all(storage.readLines('journal.jsonl'))).toSorted()).toEqual(lines.toSorted());
    });

    test('everything is removed that was named, and nothing else', async () => {
      for (const path of ['data/a/1', 'data/b/1', 'manifest.json'])
        await storage.writeText(path, 'x');
      await storage.append('journal.jsonl', 'x');
      await storage.append('journal.jsonl', 'y');
      expect(
        await storage.removeAll(['data/a/1', 'manifest.json', 'journal.jsonl', 'gone']),
      ).toEqual(['data/b/1']);
      expect(await listed(storage)).toEqual(['data/b/1']);
      expect(await storage.removeAll(['data/b/1'])).toEqual([]);
      expect(await here.traces()).toEqual([]);
    });
  });
};
