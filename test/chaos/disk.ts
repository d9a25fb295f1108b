// The disk of a server's databases, small enough to be filled: a tablespace in a mounted file system.

import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mountSmallDisk } from '../support/servers/small-disk.ts';
import type { TestDatabase } from '../support/servers/test-database.ts';

export interface FillableDisk {
  /** Nothing more can be written until it is freed; returns how many bytes it took. */
  fill(): Promise<number>;
  /** Again: does nothing. */
  free(): Promise<void>;
  /** When its server has ended. */
  unmount(): Promise<void>;
}

const run = promisify(execFile);

const size = '96m';
const tablespace = 'small';

/** What its databases write into tables and indexes. Null: there is no right to mount anything. */
export const mountDiskOf = async (
  maintenance: TestDatabase,
): Promise<(FillableDisk & { readonly tablespace: string }) | null> => {
  const disk = await mountFor(await dataOf(maintenance), size);
  if (disk === null) return null;
  await maintenance.query(`CREATE TABLESPACE ${tablespace} LOCATION '${disk.directory}'`);
  return { tablespace, ...disk };
};

/** Its WAL, which is moved there while the server is `stopped`. Null: there is no right to mount anything. */
export const mountWalOf = async (
  maintenance: TestDatabase,
  stopped: (work: () => Promise<void>) => Promise<void>,
): Promise<FillableDisk | null> => {
  const data = await dataOf(maintenance);
  const disk = await mountFor(data, walSize);
  if (disk === null) return null;
  const [there, here] = [join(data, 'pg_wal'), join(disk.directory, 'pg_wal')];
  await stopped(async () => {
    await run('cp', ['-a', there, here]);
    await rm(there, { recursive: true });
    await symlink(here, there);
  });
  return disk;
};

const walSize = '320m';

const dataOf = async (maintenance: TestDatabase): Promise<string> => {
  const [setting] = await maintenance.query<{ readonly data_directory: string }>(
    'SHOW data_directory',
  );
  return setting?.data_directory ?? '';
};

const mountFor = async (
  data: string,
  bytes: string,
): Promise<(FillableDisk & { readonly directory: string }) | null> => {
  const directory = await mkdtemp(join(tmpdir(), 'steep-chaos-disk-'));
  const mounted = mountSmallDisk(directory, bytes);
  if (mounted === null) {
    await rmdir(directory);
    return null;
  }
  const { uid, gid } = await stat(data);
  await chown(directory, uid, gid);
  await chmod(directory, 0o700);
  const filler = join(directory, 'filler');
  return {
    directory,
    fill: async () => {
      // Ends with an error when nothing more fits, whatever the server writes meanwhile.
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M']).catch(() => undefined);
      return (await stat(filler)).size;
    },
    free: () => rm(filler, { force: true }),
    unmount: async () => {
      mounted.unmount();
      await rmdir(directory);
    },
  };
};
