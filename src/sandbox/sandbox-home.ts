// Where a sandbox keeps its servers: in its own directory, or, where their user may not enter that one
// (root's folders), in a temporary one with the name of its user.

import { lstat, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxFile } from './sandbox-file.ts';
import { canEnter, findServerUser } from './server-user.ts';
import { makeTemporaryHome } from './temporary-home.ts';

/** Names the sandbox that a temporary home belongs to. */
const nameOfMarker = 'steep-sandbox';

/** The folder of a home with copied binaries. */
export const copiedBinariesIn = (home: string): string => join(home, 'binaries');

/** The home as it was, or a new one where there is none (any more: the system empties /tmp). */
export async function findHome(directory: string, before: string): Promise<string> {
  if (before !== directory && (await isHomeOf(directory, before))) return before;
  if (await canEnter(directory, await findServerUser())) return directory;
  const home = await makeTemporaryHome('steep-sandbox-');
  await writeFile(join(home, nameOfMarker), directory, { mode: 0o600 });
  return home;
}

/** Removes what steep put there, and the home itself when nothing is left. */
export async function removeFromHome(
  directory: string,
  { home, nodes }: SandboxFile,
): Promise<void> {
  if (!(await isHomeOf(directory, home))) return;
  const paths = [...nodes.map(({ name }) => join(home, name)), copiedBinariesIn(home)];
  await Promise.all(paths.map((path) => rm(path, { recursive: true, force: true, maxRetries: 3 })));
  if (home === directory) return;
  await rm(join(home, nameOfMarker));
  await rmdir(home).catch(() => undefined);
}

async function isHomeOf(directory: string, home: string): Promise<boolean> {
  if (home === directory) return true;
  if (!(await isOurs(home))) return false;
  return (await readFile(join(home, nameOfMarker), 'utf8').catch(() => null)) === directory;
}

/** Once the system has emptied /tmp, another user may take the name, and put programs of theirs there. */
async function isOurs(home: string): Promise<boolean> {
  const found = await lstat(home).catch(() => null);
  if (found === null || !found.isDirectory()) return false;
  return (
    process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0)
  );
}
