// Findings that are the same wherever files are kept. Knows no storage.

import { SteepError } from '../../model/errors.ts';
import { formatSize } from '../../model/quantity.ts';

export const fileMissing = (location: string, path: string): SteepError =>
  new SteepError('SNAPSHOT_FILE_MISSING', `${location}/${path} does not exist.`, {
    suggestions: ['Copy the whole snapshot again, or generate a new one.'],
  });

export const fileLarge = (location: string, path: string, limit: number): SteepError =>
  new SteepError(
    'SNAPSHOT_FILE_LARGE',
    `${location}/${path} is larger than ${formatSize(limit)}, which is more than steep ever writes to such a file.`,
    { suggestions: ['Copy the whole snapshot again, or generate a new one.'] },
  );
