// Where test servers keep their data: in memory where enough is free, since a run makes thousands of databases of three
// hundred files each, and drops them again.

import { chmod, mkdtemp, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryHome } from '../../../src/sandbox/temporary-home.ts';

/** A file system in memory, which any user may enter, on every Linux. */
const memory = '/dev/shm';

/** What a whole run needs at most, with a margin; a server that runs out of it ends. */
const neededBytes = 6 * 1024 ** 3;

/**
 * A new directory that every user may enter; the caller removes it. STEEP_TEST_DATA names the place for it;
 * otherwise it is memory, or, where that is short or absent, among the temporary files.
 */
export async function makeDataHome(prefix: string): Promise<string> {
  const place = process.env.STEEP_TEST_DATA ?? ((await hasRoom()) ? memory : null);
  if (place === null) return makeTemporaryHome(prefix);
  const home = await mkdtemp(join(place, prefix));
  await chmod(home, 0o755);
  return home;
}

/** Of a container's memory too, which is less than the machine's. */
async function hasRoom(): Promise<boolean> {
  const found = await statfs(memory).catch(() => null);
  if (found === null || found.type !== tmpfs) return false;
  return Math.min(found.bavail * found.bsize, process.availableMemory()) >= neededBytes;
}

/** Its magic number, as statfs(2) has it. */
const tmpfs = 0x0102_1994;
