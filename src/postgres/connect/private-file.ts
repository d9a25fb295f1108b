// Whether a file that holds a key is for its owner alone, as libpq asks of private keys.

import { stat } from 'node:fs/promises';

/** 0600, or 0640 for a file that root owns. Windows has no such modes. */
export const isPrivate = async (file: string): Promise<boolean> => {
  const { mode, uid } = await stat(file);
  const tooMuch = uid === 0 ? 0o037 : 0o077;
  return process.platform === 'win32' || (mode & tooMuch) === 0;
};
