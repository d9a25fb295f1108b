// What is in the directory of a snapshot, and how it is cleared away. Follows no link. Knows not what is stored.

import type { Dirent } from 'node:fs';
import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from './local-failures.ts';
import { locate, syncFolder } from './local-paths.ts';
import { isPartial } from './local-write.ts';
import type { StoredFile } from './storage.ts';

/** Everything below a folder; one that is not there is empty. */
export async function* listFolder(root: string, folder: string): AsyncGenerator<StoredFile> {
  // Checks the folders on the way: those that are asked for.
  if (folder !== '') await locate(root, `${folder}/-`);
  for (const entry of await entriesOf(join(root, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* listFolder(root, path);
    else yield* fileAt(root, path, entry);
  }
}

/** Removes a file, if it is there; a link goes itself, not what it leads to. */
export const removeFile = async (root: string, path: string): Promise<void> => {
  const file = await locate(root, path);
  await rm(file, { force: true });
  await syncFolder(dirname(file)).catch(unlessGone);
};

/** Removes the folders that have nothing in them, and the root if nothing is left. */
export const removeEmptyFolders = async (folder: string): Promise<void> => {
  for (const entry of await entriesOf(folder)) {
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  }
  await rmdir(folder).catch((error: unknown) => {
    // What is not empty stays; systems name that in two ways.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) throw error;
  });
};

async function* fileAt(root: string, path: string, entry: Dirent): AsyncGenerator<StoredFile> {
  const stats = await lstat(join(root, path)).catch(unlessGone);
  if (stats === null) return;
  if (entry.isSymbolicLink()) yield { path, bytes: 0, kind: 'link' };
  else if (!entry.isFile()) yield { path, bytes: 0, kind: 'other' };
  else yield { path, bytes: stats.size, kind: isPartial(entry.name) ? 'partial' : 'file' };
}

const entriesOf = async (folder: string): Promise<readonly Dirent[]> =>
  (await readdir(folder, { withFileTypes: true }).catch(unlessGone)) ?? [];

const unlessGone = (error: unknown): null => {
  if (systemCode(error) === 'ENOENT') return null;
  throw error;
};
