// Reading and writing files: atomically, so that a reader never sees half of one.

import { readFileSync } from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';

/** Why a file cannot be read or written, as the end of a sentence. */
export const reasonOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'there is no such file'
    : error instanceof Error
      ? error.message
      : String(error);

/** @throws SteepError FILE_UNREADABLE (exit 65). */
export const readText = (path: string, what: string, cure: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SteepError('FILE_UNREADABLE', `${what} ${path} cannot be read: ${reasonOf(error)}.`, {
      exit: ExitCode.invalidFile,
      suggestions: [cure],
      cause: error,
    });
  }
};

/** Writes a file whole or not at all, readable by its owner only. @throws SteepError FILE_UNWRITABLE. */
export const writeText = async (path: string, text: string): Promise<void> =>
  write(path, text, { mode: 0o600 });

/** The same for what others may read: a file that is there keeps its mode and owner. */
export const replaceText = async (path: string, text: string): Promise<void> =>
  write(path, text, {});

const write = async (
  path: string,
  text: string,
  options: { readonly mode?: number },
): Promise<void> => {
  try {
    await writeFileAtomic(path, text, options);
  } catch (error) {
    throw new SteepError('FILE_UNWRITABLE', `${path} cannot be written: ${reasonOf(error)}.`, {
      suggestions: ['Check that the folder exists and may be written to.'],
      cause: error,
    });
  }
};
