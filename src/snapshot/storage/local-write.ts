// Writes a file so that its name appears when all of it is on the disk, or never. Knows not what is in it.

import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainLocal } from './local-failures.ts';
import { locateNew, notAFile, syncFolder } from './local-paths.ts';
import type { Content } from './storage.ts';
import { watchContent } from './watch-content.ts';

const partialName = /^\..+\.[0-9a-f]{16}\.partial$/;

/** Whether a name is that of a file that is being written, or was when steep was killed. */
export const isPartial = (name: string): boolean => partialName.test(name);

/** Answers the bytes written. */
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
    await syncFolder(dirname(file));
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
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const isFolder = async (file: string): Promise<boolean> =>
  lstat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
