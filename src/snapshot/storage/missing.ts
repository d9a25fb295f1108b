// Findings that are the same wherever files are kept. Knows no storage.

import { SteepError } from '../../model/errors.ts';
import { formatSize } from '../../model/quantity.ts';

export const fileMissing = (location: string, path: string): SteepError =>
  new SteepError('SNAPSHOT_FILE_MISSING', `${location}/${path} is not there.`, {
    suggestions: ['Copy the whole snapshot again, or generate another one.'],
  });

export const fileLarge = (location: string, path: string, limit: number): SteepError =>
  new SteepError(
    'SNAPSHOT_FILE_LARGE',
    `${location}/${path} is larger than ${formatSize(limit)}, which such a file never is.`,
    { suggestions: ['Copy the whole snapshot again, or generate another one.'] },
  );
