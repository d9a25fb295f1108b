// Who runs the servers. PostgreSQL refuses to run as root, so root lends it another user.
// Knows nothing of PostgreSQL beyond that.

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SteepError } from '../model/errors.ts';

const run = promisify(execFile);

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that are there already on most systems; none is ever created. */
const candidates = ['postgres', 'nobody'] as const;

/**
 * The user to run servers as; null: the current one, who is not root.
 * @throws SteepError SANDBOX_NEEDS_USER when root finds no other user.
 */
export async function findServerUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of candidates) {
    const user = await lookUp(name);
    if (user !== null) return user;
  }
  throw new SteepError(
    'SANDBOX_NEEDS_USER',
    `PostgreSQL does not run as root, and there is no user ${candidates.join(' or ')} to run it as.`,
    { suggestions: ['Run steep as a normal user.', 'useradd --system postgres'] },
  );
}

/** Whether the user may pass through the directory and all above it. It must exist, links resolved. */
export async function canEnter(directory: string, user: ServerUser | null): Promise<boolean> {
  if (user === null) return true;
  const parent = dirname(directory);
  if (parent !== directory && !(await canEnter(parent, user))) return false;
  const { mode, uid, gid } = await stat(directory);
  if (uid === user.uid) return (mode & 0o100) !== 0;
  if (gid === user.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** `id` asks every source of users that the system has, not only /etc/passwd. */
async function lookUp(name: string): Promise<ServerUser | null> {
  try {
    const uid = Number((await run('id', ['-u', name])).stdout);
    const gid = Number((await run('id', ['-g', name])).stdout);
    return uid > 0 ? { name, uid, gid } : null;
  } catch {
    return null;
  }
}
