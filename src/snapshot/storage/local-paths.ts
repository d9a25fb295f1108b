// From a path inside a snapshot to a file of this machine, through real directories only: no link leads out.
// Knows not what is stored.

import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SteepError } from '../../model/errors.ts';
import { systemCode } from './local-failures.ts';
import { checkPath } from './path.ts';

/** Windows has no such flags; it has no such links either without a right of its own. */
const noFollow = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The place of a path below the root, once each folder on the way is known to be none but a folder. */
export const locate = async (root: string, path: string): Promise<string> => {
  const parts = checkPath(path).split('/');
  for (const [index] of parts.slice(1).entries()) {
    await checkFolder(root, parts.slice(0, index + 1).join('/'));
  }
  return join(root, ...parts);
};

/** As `locate`, and makes the folders that are not there. */
export const locateNew = async (root: string, path: string): Promise<string> => {
  const file = await locate(root, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  return file;
};

/** Opens for writing what is a file and nothing else, and is there. */
export const openWritten = async (root: string, path: string): Promise<FileHandle> =>
  openPlain(root, path, await locate(root, path), constants.O_RDWR);

/** Opens for reading what is a file and nothing else; null: it is not there. */
export const openFile = async (root: string, path: string): Promise<FileHandle | null> => {
  const file = await locate(root, path);
  return openPlain(root, path, file, constants.O_RDONLY).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
};

/** Opens for reading and writing what is a file and nothing else, and makes it if it is not there. */
export const openOrMake = async (root: string, path: string): Promise<FileHandle> => {
  const file = await locateNew(root, path);
  const handle = await openPlain(root, path, file, constants.O_RDWR | constants.O_CREAT);
  await syncFolder(dirname(file));
  return handle;
};

const openPlain = async (
  root: string,
  path: string,
  file: string,
  flags: number,
): Promise<FileHandle> => {
  const handle = await open(file, flags | noFollow, 0o600).catch((error: unknown) => {
    // A link; a folder that is to be written; a pipe without a reader.
    const isOther = ['ELOOP', 'EISDIR', 'ENXIO'].includes(systemCode(error) ?? '');
    throw isOther ? notAFile(root, path) : error;
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notAFile(root, path);
};

/** Makes a new name, or one that is gone, survive a crash. */
export const syncFolder = async (folder: string): Promise<void> => {
  // Windows opens no folder, and keeps names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Refuses a link, and whatever else is in the place of a file or folder. */
export const notAFile = (root: string, path: string): SteepError =>
  new SteepError('SNAPSHOT_LINK', `${join(root, path)} is a link or not a regular file.`, {
    suggestions: ['Replace it by the file itself. Only the location as a whole may be a link.'],
  });

const checkFolder = async (root: string, folder: string): Promise<void> => {
  const stats = await lstat(join(root, folder)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (stats !== null && !stats.isDirectory()) throw notAFile(root, folder);
};
