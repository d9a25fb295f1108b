// Finds a password in a libpq password file (manual 34.16). Knows no server.

import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SteepError } from '../../model/errors.ts';
import { noteKeywords } from '../../model/known-secrets.ts';
import { shellWord } from '../../model/shell-word.ts';
import { readKeyFile } from './private-file.ts';

/** What a line of the file is looked up by. */
export interface PasswordTarget {
  readonly host: string;
  readonly port: string;
  readonly dbname: string;
  readonly user: string;
}

/**
 * The password of the first line that matches; null: no file, or no such line.
 * @param path The file asked for; undefined: ~/.pgpass, which need not exist.
 * @throws SteepError PASSFILE_UNSAFE when others may read the file: libpq ignores it silently, we say so.
 */
export const findPassword = async (
  path: string | undefined,
  target: PasswordTarget,
): Promise<string | null> => {
  const file = path ?? join(homedir(), '.pgpass');
  const found = await stat(file).catch(() => null);
  // As libpq: a pipe could wait without end.
  if (found === null || !found.isFile()) return null;
  const text = await readIfThere(file);
  if (text === null) return null;
  await assertPrivate(file);
  const password = passwordIn(text, target);
  if (password !== null) noteKeywords({ ...target, password });
  return password;
};

/** The password that a password file's text gives for a target; null: none. */
export const passwordIn = (text: string, target: PasswordTarget): string | null => {
  const wanted = [target.host, target.port, target.dbname, target.user];
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const fields = splitFields(line);
    const password = fields[wanted.length];
    if (
      password !== undefined &&
      wanted.every((value, i) => fields[i] === '*' || fields[i] === value)
    ) {
      return password;
    }
  }
  return null;
};

/** host:port:database:user:password, where `\:` and `\\` are literal. */
function splitFields(line: string): readonly string[] {
  return [...line.matchAll(/((?:[^:\\]|\\[\s\S])*)(?::|$)/g)].map(([, field = '']) =>
    field.replace(/\\([\s\S])/g, '$1'),
  );
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readKeyFile(file);
  } catch {
    return null;
  }
}

async function assertPrivate(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  throw new SteepError('PASSFILE_UNSAFE', `The password file ${file} can be read by others.`, {
    suggestions: [`chmod 600 ${shellWord(file)}`],
  });
}
