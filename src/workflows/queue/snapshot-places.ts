// Where operations of the queue may write snapshots, and read them: below the locations that the worker was started with.
// Whoever may queue a snapshot could otherwise write to any directory of the machine of the worker.

import { resolve, sep } from 'node:path';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';

const isBucket = (location: string): boolean => /^[a-z0-9]+:\/\//.test(location);

const withEnd = (text: string, end: string): string => (text.endsWith(end) ? text : text + end);

const isBelow = (location: string, root: string): boolean => {
  if (isBucket(location) !== isBucket(root)) return false;
  if (!isBucket(root)) return resolve(location).startsWith(withEnd(resolve(root), sep));
  return location.startsWith(withEnd(root, '/')) && !location.split('/').includes('..');
};

/** The location, absolute. @throws SteepError WORK_LOCATION (exit 3) */
export const placeBelow = (location: string, roots: readonly string[]): string => {
  if (roots.some((root) => isBelow(location, root))) {
    return isBucket(location) ? location : resolve(location);
  }
  const where = roots.length === 0 ? 'no location' : `only locations below ${roots.join(', ')}`;
  throw new SteepError(
    'WORK_LOCATION',
    `This worker uses ${where} for snapshots, not ${location}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `Start the worker with --snapshots LOCATION, a directory or s3://BUCKET/PREFIX.`,
      ],
    },
  );
};
