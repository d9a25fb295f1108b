// Snapshot files in a directory of this machine. Knows no bucket.

import { SteepError } from '../../model/errors.ts';
import type { Storage } from './storage.ts';

/** Opens a directory, and makes it if it is not there and should be made. */
export const openDirectory = async (
  _directory: string,
  _options: { readonly create: boolean },
): Promise<Storage> => {
  throw new SteepError('STORAGE_FAILED', 'Not there yet.');
};
