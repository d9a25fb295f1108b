// A server's main process, found by the file that it leaves in its data directory and told apart from
// a stranger that got its process id after a crash or a reboot.

import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SteepError } from '../model/errors.ts';

const run = promisify(execFile);

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** fast: open transactions roll back; immediate: as a crash, recovery follows at the next start. */
export type StopMode = 'fast' | 'immediate';

/** The running server of this data directory; null: none. */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const file = await readFile(pidFileOf(data), 'utf8').catch(() => '');
  // Line 1 is the process id, 4 the port, 8 the status (miscadmin.h, LOCK_FILE_LINE_*).
  const lines = file.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  if (!(await isPostmasterOf(pid, data))) return null;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/**
 * After a reboot, the process id of a dead server may be some other program's: PostgreSQL would refuse to
 * start. Otherwise the file stays: from it PostgreSQL knows whether the dead server's children live on.
 */
export async function forgetStranger(data: string): Promise<void> {
  const pid = Number.parseInt(await readFile(pidFileOf(data), 'utf8').catch(() => ''), 10);
  if (pid > 1 && isAlive(pid) && !(await isPostmasterOf(pid, data))) await rm(pidFileOf(data));
}

/**
 * Stops the server of this data directory, if it runs, and waits for its end.
 * @throws SteepError SANDBOX_STOP_FAILED after half a minute.
 */
export async function stopPostmaster(data: string, mode: StopMode): Promise<void> {
  const postmaster = await findPostmaster(data);
  if (postmaster === null) return;
  signal(postmaster.pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  await waitForEnd(data, postmaster.pid);
}

/**
 * Ends every process of the server at once, as a power failure would. Its children too: one that has just
 * been forked can miss the death of its parent, and then keeps the next start out.
 */
export async function killPostmaster(data: string): Promise<void> {
  const postmaster = await findPostmaster(data);
  if (postmaster === null) return;
  const children = await childrenOf(postmaster.pid);
  for (const pid of [postmaster.pid, ...children]) signal(pid, 'SIGKILL');
  await waitForEnd(data, postmaster.pid);
}

async function waitForEnd(data: string, pid: number): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (!(await isPostmasterOf(pid, data))) return;
    await sleep(20);
  }
  throw new SteepError(
    'SANDBOX_STOP_FAILED',
    `The server in ${data} (process ${pid}) did not stop.`,
    {
      suggestions: [`kill -QUIT ${pid}`],
    },
  );
}

const pidFileOf = (data: string): string => join(data, 'postmaster.pid');

function isAlive(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch {
    return false;
  }
}

/** A process that ended meanwhile is what was wanted. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The command line of a zombie is empty, so a dead server whose parent has not waited for it counts as dead. */
async function isPostmasterOf(pid: number, data: string): Promise<boolean> {
  try {
    return (await commandLine(pid)).includes(data);
  } catch {
    return false;
  }
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const list =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
      : (await run('pgrep', ['-P', String(pid)])).stdout;
  return list.trim().split(/\s+/).filter(Boolean).map(Number);
}

async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8');
  return (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
}
