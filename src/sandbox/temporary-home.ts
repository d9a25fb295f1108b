// Picks a place for servers that the user who runs them may enter: root's own folders are closed to it.

import { chmod, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SteepError } from '../model/errors.ts';
import { canEnter, findServerUser } from './server-user.ts';

/** A new directory among the temporary ones, with links resolved. The caller removes it. */
export async function makeTemporaryHome(prefix: string): Promise<string> {
  const user = await findServerUser();
  for (const parent of [tmpdir(), '/tmp', '/var/tmp']) {
    const path = await realpath(parent).catch(() => null);
    if (path === null || !(await canEnter(path, user))) continue;
    const home = await mkdtemp(join(path, prefix));
    if (user !== null) await chmod(home, 0o755);
    return home;
  }
  throw new SteepError(
    'SANDBOX_NO_DIRECTORY',
    `The user ${user?.name}, who runs the servers for root, can access neither ${tmpdir()} nor /tmp.`,
    { suggestions: ['TMPDIR=/path/that/every/user/may/enter steep sandbox up'] },
  );
}
