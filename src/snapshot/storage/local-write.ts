// Writes a file so that its name appears when all of it is written, or never, and brings files to the disk. Knows not what
// is in them.

import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainLocal } from './local-failures.ts';
import { locateNew, notAFile, openWritten, syncFolder } from './local-paths.ts';
import type { Content } from './storage.ts';
import { watchContent } from './watch-content.ts';

const partialName = /^\..+\.[0-9a-f]{16}\.partial$/;

/** Whether a name is that of a file that is being written, or was when steep was killed. */
export const isPartial = (name: string): boolean => partialName.test(name);

/** Answers the bytes written. The disk has them after `syncFiles`. */
export const writeWhole = async (
  root: string,
  path: string,
  content: Content,
  signal: AbortSignal,
): Promise<number> => {
  const file = await prepare(root, path);
  const partial = join(
    dirname(file),
    `.${basename(file)}.${randomBytes(8).toString('hex')}.partial`,
  );
  const watched = watchContent(content, signal);
  try {
    await fill(await open(partial, 'wx', 0o600), watched.content);
    await rename(partial, file);
    return watched.bytes();
  } catch (error) {
    // Before the error is told, which names the free space.
    await rm(partial, { force: true });
    throw (watched.failure() ?? { error: await explainLocal(error, file) }).error;
  }
};

const prepare = async (root: string, path: string): Promise<string> => {
  try {
    const file = await locateNew(root, path);
    if (await isFolder(file)) throw notAFile(root, path);
    return file;
  } catch (error) {
    throw await explainLocal(error, join(root, path));
  }
};

const fill = async (handle: FileHandle, content: Content): Promise<void> => {
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
};

/** The files, side by side; then each folder on the way to one of them, once. */
export const syncFiles = async (root: string, paths: readonly string[]): Promise<void> => {
  await Promise.all(paths.map((path) => syncFile(root, path)));
  const folders = new Set(paths.flatMap(foldersOf));
  await Promise.all([...folders].map((folder) => syncFolder(join(root, folder))));
};

const syncFile = async (root: string, path: string): Promise<void> => {
  try {
    const handle = await openWritten(root, path);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw await explainLocal(error, join(root, path));
  }
};

/** `data/t/1.bin` → ``, `data`, `data/t`. */
const foldersOf = (path: string): readonly string[] =>
  path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));

const isFolder = async (file: string): Promise<boolean> =>
  lstat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
