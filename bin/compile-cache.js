// Where Node may keep compiled code of steep: a folder that only this user can write to. Whoever can write there decides
// what steep runs, so a folder in a shared place, as Node would choose by itself, is never used.

import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * The folder, made where it is missing; null: there is none that can be trusted, and nothing is kept.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string | null}
 */
export const compileCache = (environment) => {
  const user = process.getuid?.();
  if (user === undefined) return null;
  const home = environment.XDG_CACHE_HOME;
  const base = home !== undefined && isAbsolute(home) ? home : join(homedir(), '.cache');
  const folder = join(base, 'steep', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const real = realpathSync(folder);
    return isPrivate(real, user) && isOutOfReach(dirname(real), user) ? real : null;
  } catch {
    return null;
  }
};

/** Owned by the user, and no other user gets in. */
const isPrivate = (folder, user) => {
  const { mode, uid } = statOf(folder);
  return uid === user && (mode & 0o077) === 0;
};

/** No other user can put another folder in its place: each folder above is of this user or root, and theirs to write. */
const isOutOfReach = (folder, user) => {
  const { mode, uid } = statOf(folder);
  const theirs = uid === user || uid === 0;
  if (!theirs || ((mode & othersMayWrite) !== 0 && (mode & sticky) === 0)) return false;
  return dirname(folder) === folder || isOutOfReach(dirname(folder), user);
};

const statOf = (folder) => {
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is no folder`);
  return found;
};
