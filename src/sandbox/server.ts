// One throwaway server: starts it so that it outlives this process, and finds it again later.
// Knows files and processes; never connects to it.

import { spawn } from 'node:child_process';
import { mkdir, open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Conninfo } from '../model/connection/conninfo.ts';
import { SteepError } from '../model/errors.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import {
  addSettings,
  createDataDirectory,
  type Settings,
  serverEnvironment,
} from './data-directory.ts';
import { freePort } from './free-port.ts';
import {
  findPostmaster,
  forgetStranger,
  killPostmaster,
  type StopMode,
  stopPostmaster,
} from './postmaster.ts';
import { canEnter, findServerUser, type ServerUser } from './server-user.ts';

export interface ServerOptions {
  readonly major: number;
  /** Made if need be; holds the data, the log and nothing else. */
  readonly directory: string;
  readonly password: string;
  /** A free one unless told. */
  readonly port?: number;
  readonly settings?: Settings;
  /** Where copies of binaries go if they must be copied; `directory` unless told. */
  readonly copies?: string;
}

export interface SandboxServer {
  readonly major: number;
  readonly port: number;
  readonly directory: string;
  readonly logFile: string;
  readonly pid: number;
  /** As the superuser. */
  conninfo(database: string): Conninfo;
  stop(mode?: StopMode): Promise<void>;
  /** Ends it without a farewell; the data stays. */
  kill(): Promise<void>;
}

/**
 * Starts a server, making its data first if there is none. One that runs already is returned as it is.
 * @throws SteepError SANDBOX_START_FAILED with the end of the server's log, or whatever the binaries throw.
 */
export async function startServer(options: ServerOptions): Promise<SandboxServer> {
  await mkdir(options.directory, { recursive: true, mode: 0o755 });
  const directory = await realpath(options.directory);
  const data = dataOf(directory);
  const running = await findPostmaster(data);
  if (running?.ready) return describe(options, directory, running);

  const user = await findServerUser();
  if (!(await canEnter(directory, user))) throw unreachable(directory, user);
  const binaries = await findBinaries(options.major, user, options.copies ?? directory);
  await createDataDirectory({ ...options, data, user }, binaries);
  await forgetStranger(data);
  if (options.settings) await addSettings(data, options.settings);
  return describe(options, directory, await launch(options, directory, binaries, user));
}

/** Where the server of this directory keeps its data. */
export const dataOf = (directory: string): string => join(directory, 'data');

const logOf = (directory: string): string => join(directory, 'server.log');

/** A port that was free a moment ago can be taken by now; a killed server's memory lives on a moment. */
const passing = [
  { message: /could not bind|Address already in use/, pauseMs: 0, otherPort: true },
  { message: /pre-existing shared memory block|lock file .* already exists/, pauseMs: 200 },
] as const;

async function launch(
  options: ServerOptions,
  directory: string,
  binaries: Binaries,
  user: ServerUser | null,
): Promise<Running> {
  let said = '';
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = options.port ?? (await freePort());
    const started = await launchOnce(directory, port, binaries, user);
    if (typeof started !== 'string') return started;
    said = started;
    const cause = passing.find(({ message }) => message.test(said));
    if (!cause || ('otherPort' in cause && options.port !== undefined)) break;
    await sleep(cause.pauseMs);
  }
  throw new SteepError(
    'SANDBOX_START_FAILED',
    `The PostgreSQL ${options.major} server in ${directory} did not start: ${said.trim()}`,
  );
}

/** The running server, or what it wrote to its log before it ended. */
async function launchOnce(
  directory: string,
  port: number,
  binaries: Binaries,
  user: ServerUser | null,
): Promise<Running | string> {
  const log = await open(logOf(directory), 'a', 0o600);
  const { size } = await log.stat();
  const data = dataOf(directory);
  let ended = false;
  const child = spawn(binaries.postgres, ['-D', data, '-p', String(port)], {
    ...user,
    cwd: data,
    env: serverEnvironment,
    // Of its own session: neither Ctrl-C nor the end of this process reaches it.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  child.once('exit', () => (ended = true)).once('error', () => (ended = true));
  child.unref();
  await log.close();
  for (const giveUp = Date.now() + 60_000; !ended && Date.now() < giveUp; await sleep(10)) {
    const postmaster = await findPostmaster(data);
    if (postmaster?.ready && postmaster.pid === child.pid) return postmaster;
  }
  if (!ended) await stopPostmaster(data, 'immediate');
  return (await readFile(logOf(directory))).subarray(size).toString();
}

function describe(
  options: ServerOptions,
  directory: string,
  { pid, port }: Running,
): SandboxServer {
  const data = dataOf(directory);
  return {
    major: options.major,
    port,
    pid,
    directory,
    logFile: logOf(directory),
    conninfo: (dbname) =>
      new Conninfo({
        host: '127.0.0.1',
        port: String(port),
        dbname,
        user: 'postgres',
        password: options.password,
      }),
    stop: (mode = 'fast') => stopPostmaster(data, mode),
    kill: () => killPostmaster(data),
  };
}

const unreachable = (directory: string, user: ServerUser | null): SteepError =>
  new SteepError(
    'SANDBOX_START_FAILED',
    `As root, servers run as the user ${user?.name}, who cannot access ${directory}.`,
    { suggestions: ['Choose a directory that every user can access, such as one in /tmp.'] },
  );

interface Running {
  readonly pid: number;
  readonly port: number;
}
