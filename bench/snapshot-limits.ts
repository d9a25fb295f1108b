// The upper limits: the disk, and what the server's COPY gives.

import { open, rm } from 'node:fs/promises';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import type { Dataset } from './init-datasets.ts';
import { query } from './init-methods.ts';
import { timed } from './machine.ts';

const megabyte = 1024 ** 2;

/** What the disk takes, durably, for as many bytes. */
export async function writeOnly(path: string, bytes: number): Promise<number> {
  const block = Buffer.alloc(megabyte, 7);
  const took = await timed(async () => {
    const file = await open(path, 'w');
    for (let written = 0; written < bytes; written += megabyte) await file.write(block);
    await file.sync();
    await file.close();
  });
  await rm(path);
  return took;
}

/** What COPY gives, discarded: each table by itself, as many at once as there are jobs. */
export const readOnly = (source: Conninfo, { tables }: Dataset, jobs: number): Promise<number> =>
  timed(async () => {
    const queue = [...tables];
    const read = async (): Promise<void> => {
      for (let table = queue.shift(); table !== undefined; table = queue.shift()) {
        await query(source, `COPY public.${table} TO PROGRAM 'cat > /dev/null' (FORMAT binary)`);
      }
    };
    await Promise.all(Array.from({ length: jobs }, read));
  });
