// Where a snapshot is: what people write is a directory, a bucket, or the id of one that is on record.

import { statSync } from 'node:fs';
import { openStorage } from '../../snapshot/storage/open-storage.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';

const idPattern = /^[a-z0-9_]{1,40}$/;

/** A directory of that name goes first: it is what a user sees before them. */
export const isSnapshotId = (text: string): boolean => idPattern.test(text) && !isThere(text);

const isThere = (directory: string): boolean =>
  statSync(directory, { throwIfNoEntry: false }) !== undefined;

/** Opens a place for as long as the body lasts. @throws SteepError STORAGE_FAILED where it is not there. */
export const withStorage = async <T>(
  location: string,
  body: (storage: Storage) => Promise<T>,
): Promise<T> => {
  const storage = await openStorage(location, { create: false });
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
};

/** Whether a location that is on record is to be found from here. */
export const isReachable = (location: string): boolean =>
  /^s3:/i.test(location) || isThere(location);
