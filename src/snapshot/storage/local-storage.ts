// Snapshot files in a directory of this machine: private to the user, and durable once they are synced. Knows no bucket.

import { mkdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { SteepError } from '../../model/errors.ts';
import { explainLocal, freeBytes } from './local-failures.ts';
import { journalsIn, linesOf } from './local-journal.ts';
import { listFolder, removeEmptyFolders, removeFile } from './local-list.ts';
import { openFile } from './local-paths.ts';
import { syncFiles, writeWhole } from './local-write.ts';
import { fileLarge, fileMissing } from './missing.ts';
import type { ByteRange, Content, Storage, StoredFile } from './storage.ts';
import { withErrors } from './with-errors.ts';

/** Opens a directory, and makes it if it is not there and should be made. It may be a link itself. */
export const openDirectory = async (
  directory: string,
  options: { readonly create: boolean },
): Promise<Storage> => {
  const location = resolve(directory);
  const root = await explained(location, async () => {
    if (options.create) await mkdir(location, { recursive: true, mode: 0o700 });
    if ((await stat(location)).isDirectory()) return realpath(location);
    throw new SteepError('STORAGE_FAILED', `${location} is not a directory.`, {
      suggestions: ['Name a directory, or a path that does not exist yet.'],
    });
  });
  return storageAt(location, root);
};

const storageAt = (location: string, root: string): Storage => {
  const journals = journalsIn(root);
  const at = (path: string): string => join(location, path);
  const write = (path: string, content: Content, signal: AbortSignal): Promise<number> =>
    writeWhole(root, path, content, signal);
  const remove = (path: string): Promise<void> =>
    explained(at(path), async () => {
      await journals.close(path);
      await removeFile(root, path);
    });
  const list = (folder: string): AsyncIterable<StoredFile> =>
    explainedEach(at(folder), listFolder(root, folder));
  return {
    location,
    write,
    sync: (paths) => syncFiles(root, paths),
    writeText: async (path, text) => {
      await write(path, oneChunk(text), new AbortController().signal);
      await syncFiles(root, [path]);
    },
    append: (path, line) => explained(at(path), () => journals.append(path, line)),
    readLines: (path) => explainedEach(at(path), readLines(root, location, path)),
    read: (path, signal, range) =>
      explained(at(path), () => readFile(root, location, path, { signal, range })),
    readText: (path, limit) => explained(at(path), () => readText(root, location, path, limit)),
    list,
    remove,
    removeAll: async (paths) => {
      for (const path of paths) await remove(path);
      await explained(location, () => removeEmptyFolders(root));
      return pathsOf(list(''), () => true);
    },
    removePartials: async () => {
      for (const path of await pathsOf(list(''), isPartial)) await remove(path);
    },
    freeBytes: () => freeBytes(root),
    close: journals.closeAll,
  };
};

const isPartial = ({ kind }: StoredFile): boolean => kind === 'partial';

const pathsOf = async (
  files: AsyncIterable<StoredFile>,
  isWanted: (file: StoredFile) => boolean,
): Promise<readonly string[]> => {
  const paths: string[] = [];
  for await (const file of files) if (isWanted(file)) paths.push(file.path);
  return paths;
};

const readFile = async (
  root: string,
  location: string,
  path: string,
  { signal, range }: { readonly signal: AbortSignal; readonly range: ByteRange | undefined },
): Promise<Readable> => {
  signal.throwIfAborted();
  const handle = await openFile(root, path);
  if (handle === null) throw fileMissing(location, path);
  const part = range && { start: range.from, end: range.from + range.bytes - 1 };
  const stream = handle.createReadStream({ highWaterMark: 256 * 1024, ...part });
  return withErrors(stream, signal, (error) => readFault(location, path, error));
};

const readText = async (
  root: string,
  location: string,
  path: string,
  limit: number,
): Promise<string | null> => {
  const handle = await openFile(root, path);
  if (handle === null) return null;
  try {
    if ((await handle.stat()).size > limit) throw fileLarge(location, path, limit);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
};

/** A journal has a line for each chunk of a table, and another user may have made it longer. */
const largestJournal = 256 * 1024 * 1024;

async function* readLines(root: string, location: string, path: string): AsyncGenerator<string> {
  const handle = await openFile(root, path);
  if (handle === null) return;
  if ((await handle.stat()).size > largestJournal) {
    await handle.close();
    throw fileLarge(location, path, largestJournal);
  }
  yield* linesOf(handle);
}

const readFault = (location: string, path: string, error: unknown): SteepError =>
  new SteepError('STORAGE_FAILED', `${join(location, path)} cannot be read: ${String(error)}.`, {
    cause: error,
    suggestions: ['Check the disk and its log.'],
  });

async function* oneChunk(text: string): Content {
  yield Buffer.from(text);
}

const explained = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw await explainLocal(error, path);
  }
};

async function* explainedEach<T>(path: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw await explainLocal(error, path);
  }
}
