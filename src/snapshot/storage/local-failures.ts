// What the file system answers, in our words. Knows not what is stored.

import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SteepError } from '../../model/errors.ts';
import { formatSize } from '../../model/quantity.ts';

/** ENOENT, ENOSPC …; null: no error of the system. */
export const systemCode = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** Bytes that the file system of a path has for us; a path that is not there yet counts as its parent. */
export const freeBytes = async (path: string): Promise<number | null> => {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(path);
    return systemCode(error) === 'ENOENT' && parent !== path ? freeBytes(parent) : null;
  }
};

/** The error of the system as a SteepError; anything else, as a failure of the content, as it is. */
export const explainLocal = async (error: unknown, path: string): Promise<unknown> => {
  const code = systemCode(error);
  if (error instanceof SteepError || code === null || !(error instanceof Error)) return error;
  if (!('syscall' in error)) return error;
  return isFull(code) ? full(path, error) : failed(path, error);
};

const isFull = (code: string): boolean => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code);

const full = async (path: string, cause: Error): Promise<SteepError> => {
  const free = await freeBytes(path);
  return new SteepError(
    'STORAGE_FULL',
    `${path} cannot be written: ${cause.message.replace(/,.*/s, '')}. Free there: ${formatSize(free)}.`,
    {
      cause,
      suggestions: [
        'Free space, or choose another directory or a stronger compression, and run the same command again.',
      ],
    },
  );
};

const cures: Readonly<Record<string, string>> = {
  ENOENT: 'Check the path, and that its disk is mounted.',
  ENOTDIR: 'Check the path: a part of it is a file.',
  EACCES: 'Allow the user that runs steep to read and write there.',
  EPERM: 'Allow the user that runs steep to read and write there.',
  EROFS: 'The file system is read-only: choose another directory.',
  EMFILE: 'Allow more open files (ulimit -n).',
};

const failed = (path: string, cause: Error): SteepError =>
  new SteepError('STORAGE_FAILED', `${path}: ${cause.message.replace(/,.*/s, '')}.`, {
    cause,
    suggestions: [cures[systemCode(cause) ?? ''] ?? 'Check the disk and its log.'],
  });
