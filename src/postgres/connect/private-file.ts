// Files that hold keys, certificates and passwords: ordinary ones, and keys for their owner alone, as libpq asks.

import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** Certificates of all authorities are a fiftieth of it. */
const largest = 16 * 1024 * 1024;

/** Who wrote its path into a steep.yaml need not own this machine: a device has no end, and a pipe may have no writer. */
export const readKeyFile = async (file: string): Promise<string> => {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error('it is not an ordinary file');
    if (found.size > largest) throw new Error('it is larger than 16 MB');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
};

/** 0600, or 0640 for a file that root owns. Windows has no such modes. */
export const isPrivate = async (file: string): Promise<boolean> => {
  const { mode, uid } = await stat(file);
  const tooMuch = uid === 0 ? 0o037 : 0o077;
  return process.platform === 'win32' || (mode & tooMuch) === 0;
};
