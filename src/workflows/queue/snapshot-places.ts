// Where operations of the queue may write snapshots, and read them: below the locations that the worker was started with.
// Whoever may queue a snapshot could otherwise write to any directory of the machine of the worker.

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';

const isBucket = (location: string): boolean => /^[a-z0-9]+:\/\//.test(location);

const withEnd = (text: string, end: string): string => (text.endsWith(end) ? text : text + end);

/** Where a path leads, also if its end is not there yet: a link below a root may lead anywhere. */
const realPath = (location: string): string => {
  const path = resolve(location);
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
};

const isBelow = (location: string, root: string): boolean => {
  if (isBucket(location) !== isBucket(root)) return false;
  if (!isBucket(root)) return realPath(location).startsWith(withEnd(realPath(root), sep));
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
