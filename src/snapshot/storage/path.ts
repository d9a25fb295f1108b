// Paths inside a snapshot: relative, `/` separated, and unable to lead out. Knows no file system.

import { SteepError } from '../../model/errors.ts';

/** Bytes of a name that every file system takes, with space for the name of a temporary file. */
const longestName = 200;
/** Bytes of a path; a key in a bucket has at most 1,024 with its prefix. */
const longestPath = 700;

/** Refuses what is not a path of a file inside a snapshot: SNAPSHOT_PATH. Answers the path. */
export const checkPath = (path: string): string => {
  const fault = pathFault(path);
  if (fault === null) return path;
  throw new SteepError(
    'SNAPSHOT_PATH',
    `${JSON.stringify(path.slice(0, longestPath))} is not a path inside a snapshot: ${fault}.`,
    { suggestions: ['Use the snapshot as it was generated; do not edit its manifest.'] },
  );
};

/** Whether `checkPath` allows it. */
export const isPath = (path: string): boolean => pathFault(path) === null;

const pathFault = (path: string): string | null => {
  if (path === '') return 'it is empty';
  if (Buffer.byteLength(path) > longestPath) return `it is longer than ${longestPath} bytes`;
  if (!path.isWellFormed()) return 'it is not valid Unicode';
  if (path.startsWith('/')) return 'it is absolute';
  if (path.includes('\\')) return 'it has a backslash';
  if (/\p{Cc}/u.test(path)) return 'it has a control character';
  if (/^[a-z]:/i.test(path)) return 'it begins with a drive letter';
  return (
    path
      .split('/')
      .map(partFault)
      .find((fault) => fault !== null) ?? null
  );
};

const partFault = (part: string): string | null => {
  if (part === '') return 'a part of it is empty';
  if (part === '.' || part === '..') return `it goes through ${JSON.stringify(part)}`;
  if (Buffer.byteLength(part) > longestName) return `a part is longer than ${longestName} bytes`;
  return null;
};
