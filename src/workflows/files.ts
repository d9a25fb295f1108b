// Reading and writing files: atomically, so that a reader never sees half of one.

import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { formatSize } from '../model/quantity.ts';

/** Why a file cannot be read or written, as the end of a sentence. */
export const reasonOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'the file does not exist'
    : error instanceof Error
      ? error.message
      : String(error);

/** More than steep writes to a file, and less than fills the memory. */
const largestText = 500 * 1024 * 1024;

/** What a shell passes as an argument, `<(…)` or its input: a pipe, and never a link of a folder. */
export const isPassedByShell = (path: string): boolean =>
  /^\/(?:dev|proc\/self)\/(?:stdin|fd\/\d+)$/.test(path);

/**
 * The text of a file. A pipe of a folder may have no writer, and a device no end: of what is no ordinary file, only what a shell
 * passes is read. Of that too no more than `limit` bytes.
 */
export const readOrdinary = (path: string, limit: number): string => {
  const isPassed = isPassedByShell(path);
  // Without O_NONBLOCK, to open a pipe waits for its writer.
  const file = openSync(path, constants.O_RDONLY | (isPassed ? 0 : (constants.O_NONBLOCK ?? 0)));
  try {
    const found = fstatSync(file);
    if (!found.isFile() && !isPassed) throw new Error('it is not an ordinary file');
    if (found.size > limit) throw tooLarge(limit);
    return readAll(file, limit).toString('utf8');
  } finally {
    closeSync(file);
  }
};

const tooLarge = (limit: number): Error => new Error(`it is larger than ${formatSize(limit)}`);

const readAll = (file: number, limit: number): Buffer => {
  const pieces: Buffer[] = [];
  for (let size = 0; ; ) {
    const piece = Buffer.allocUnsafe(1024 * 1024);
    const bytes = readSync(file, piece);
    if (bytes === 0) return Buffer.concat(pieces);
    size += bytes;
    if (size > limit) throw tooLarge(limit);
    pieces.push(piece.subarray(0, bytes));
  }
};

/** @throws SteepError FILE_UNREADABLE (exit 65). */
export const readText = (path: string, what: string, cure: string): string => {
  try {
    return readOrdinary(path, largestText);
  } catch (error) {
    throw new SteepError('FILE_UNREADABLE', `${what} ${path} cannot be read: ${reasonOf(error)}.`, {
      exit: ExitCode.invalidFile,
      suggestions: [cure],
      cause: error,
    });
  }
};

/** Writes a file whole or not at all, readable by its owner only. @throws SteepError FILE_UNWRITABLE. */
export const writeText = async (path: string, text: string | PassThrough): Promise<void> =>
  explained(path, () =>
    replace(path, text, 0o600, async (file, found) => {
      // It would be theirs, and what is written can name servers and tables.
      if (found !== null && !(await isOurs(file, found))) {
        throw new Error('it belongs to another user');
      }
    }),
  );

/** A file that is written piece by piece. */
export interface TextFile {
  readonly write: (text: string) => void;
  /** Only now the file is at its path. @throws SteepError FILE_UNWRITABLE. */
  readonly finish: () => Promise<void>;
  /** No file, unless it is finished. */
  readonly discard: () => Promise<void>;
}

/** As writeText. */
export const openTextFile = (path: string): TextFile => {
  const pieces = new PassThrough({ encoding: 'utf8' });
  const written = writeText(path, pieces);
  written.catch(() => undefined);
  return {
    write: (text) => void pieces.write(text),
    finish: () => {
      pieces.end();
      return written;
    },
    discard: async () => {
      pieces.destroy(new Error('it was not finished'));
      await written.catch(() => undefined);
    },
  };
};

/** The same for what others may read: a file that is there keeps its mode and owner. */
export const replaceText = async (path: string, text: string): Promise<void> =>
  explained(path, () =>
    replace(path, text, 0o666, async (file, found) => {
      if (found === null) return;
      if (!(await isOurs(file, found))) await file.chown(found.uid, found.gid);
      await file.chmod(found.mode & 0o7777);
    }),
  );

/** @param file a new one, which belongs to the user who runs steep. */
const isOurs = async (file: FileHandle, { uid }: Stats): Promise<boolean> =>
  (await file.stat()).uid === uid;

/** What is at the path itself, which another user could have put there. Null: nothing. */
const examine = async (path: string): Promise<Stats | null> => {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found?.isSymbolicLink()) {
    throw new Error('it is a symbolic link, and steep does not follow it');
  }
  if (found?.isFile() === false) throw new Error('it is not an ordinary file');
  return found;
};

/** Under a random name, and never through a link; renaming replaces what is at the path by then. */
const replace = async (
  path: string,
  text: string | PassThrough,
  mode: number,
  prepare: (file: FileHandle, found: Stats | null) => Promise<void>,
): Promise<void> => {
  const found = await examine(path);
  const partial = join(dirname(path), `.steep-${randomBytes(16).toString('hex')}.partial`);
  // wx: O_CREAT with O_EXCL follows no link.
  const file = await open(partial, 'wx', mode);
  try {
    try {
      await prepare(file, found);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

const explained = async (path: string, write: () => Promise<void>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    throw new SteepError('FILE_UNWRITABLE', `${path} cannot be written: ${reasonOf(error)}.`, {
      suggestions: ['Check that the directory exists and is writable, or name another file.'],
      cause: error,
    });
  }
};
