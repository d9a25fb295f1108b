// The one finding about data that cannot be what was written.

import { SteepError } from '../model/errors.ts';

/** `file` for people; `fault` ends the sentence "…: it". */
export const corrupt = (file: string, fault: string): SteepError =>
  new SteepError('SNAPSHOT_CORRUPT', `${file} is damaged: it ${fault}.`, {
    suggestions: ['Copy the file again from an intact copy, or generate a new snapshot.'],
  });
