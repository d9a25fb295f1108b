// Makes a data directory with initdb, and writes a sandbox's settings into it.

import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SteepError } from '../model/errors.ts';
import type { Binaries } from './binaries.ts';
import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);

export type Settings = Readonly<Record<string, string>>;

/**
 * Without PG* variables of the caller, and with messages in English: some of them are read. Memory of sessions in huge
 * pages: a session that reads catalogs ends within two thirds of its processor time on virtual machines, where a page
 * fault is expensive. A libc other than glibc 2.35 and later ignores it.
 */
export const serverEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  LC_ALL: 'C',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
};

/** For servers that are thrown away: quick, ready for replication in both directions. */
const commonSettings: Settings = {
  listen_addresses: '127.0.0.1',
  wal_level: 'logical',
  fsync: 'off',
  full_page_writes: 'off',
  max_replication_slots: '40',
  max_wal_senders: '40',
  max_logical_replication_workers: '20',
  max_worker_processes: '40',
  max_prepared_transactions: '10',
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '500ms',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** What only one major knows: 18 limits subscriptions apart from slots. */
const settingsOfMajor: Readonly<Record<number, Settings>> = {
  18: { max_active_replication_origins: '40' },
};

/** The settings of a throwaway server of this major, wherever it runs. */
export const sandboxSettings = (major: number): Settings => ({
  ...commonSettings,
  ...settingsOfMajor[major],
});

export interface NewDataDirectory {
  readonly major: number;
  readonly data: string;
  readonly password: string;
  readonly user: ServerUser | null;
}

/**
 * A data directory of a server whose superuser `postgres` must give the password. Nothing is done where
 * there is one already. The C locale is the only one that every machine has.
 * @throws SteepError SANDBOX_INIT_FAILED with what initdb said.
 */
export async function createDataDirectory(
  target: NewDataDirectory,
  binaries: Binaries,
): Promise<void> {
  const { data, user, major, password } = target;
  if (await isInitialized(data)) return;
  const passwordFile = `${data}.password`;
  try {
    await rm(data, { recursive: true, force: true });
    await mkdir(data, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user !== null) await Promise.all([data, passwordFile].map((path) => give(path, user)));
    await run(binaries.initdb, initdbArguments(data, passwordFile), {
      cwd: data,
      env: serverEnvironment,
      ...user,
    });
    await appendFile(join(data, 'postgresql.conf'), `\ninclude '${settingsFile}'\n`);
    await writeSettings(data, { ...sandboxSettings(major), unix_socket_directories: '' }, user);
    await writeFile(join(data, initializedFile), '');
  } catch (cause) {
    const said = (cause as { readonly stderr?: string }).stderr ?? String(cause);
    throw new SteepError(
      'SANDBOX_INIT_FAILED',
      `A PostgreSQL ${major} server could not be set up in ${data}: ${said.trim()}`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

const initdbArguments = (data: string, passwordFile: string): readonly string[] => [
  '-D',
  data,
  '--username=postgres',
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--no-sync',
];

/** Settings of this start; what ALTER SYSTEM wrote counts more. */
export async function addSettings(data: string, settings: Settings): Promise<void> {
  await appendFile(join(data, settingsFile), render(settings));
}

const settingsFile = 'sandbox.conf';

/** Written last, so that what an interrupted initdb left behind is re-created. */
const initializedFile = 'sandbox.initialized';

async function isInitialized(data: string): Promise<boolean> {
  return stat(join(data, initializedFile)).then(
    () => true,
    () => false,
  );
}

async function writeSettings(
  data: string,
  settings: Settings,
  user: ServerUser | null,
): Promise<void> {
  const path = join(data, settingsFile);
  await writeFile(path, render(settings), { mode: 0o600 });
  if (user !== null) await give(path, user);
}

const render = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('');

const give = (path: string, user: ServerUser): Promise<void> => chown(path, user.uid, user.gid);
