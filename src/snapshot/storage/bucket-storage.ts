// Snapshot files as objects of a bucket that speaks S3. The only file that loads the AWS SDK. Knows no directories.

import { SteepError } from '../../model/errors.ts';
import type { BucketLocation } from './bucket-location.ts';
import type { Storage } from './storage.ts';

/** Opens a bucket, and makes sure that it is there and lets us in. */
export const openBucket = async (_location: BucketLocation): Promise<Storage> => {
  throw new SteepError('STORAGE_FAILED', 'Not there yet.');
};
