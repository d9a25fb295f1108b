// From what people write, a directory or s3://bucket/prefix, to the storage. What talks to buckets is loaded only for one.

import { parseBucketLocation } from './bucket-location.ts';
import { openDirectory } from './local-storage.ts';
import type { Storage } from './storage.ts';

export interface OpenOptions {
  /** Whether to make a directory that is not there. Otherwise that is refused: STORAGE_FAILED. */
  readonly create: boolean;
}

/** Opens a location, and makes sure that it is there and answers. */
export const openStorage = async (location: string, options: OpenOptions): Promise<Storage> => {
  const bucket = parseBucketLocation(location);
  if (bucket === null) return openDirectory(location, options);
  const { openBucket } = await import('./bucket-storage.ts');
  return openBucket(bucket);
};
