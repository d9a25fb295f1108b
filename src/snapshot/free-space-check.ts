// Whether there is free space for what is to be written. What compression will spare is not known before: then only
// what cannot possibly fit is refused.

import { SteepError } from '../model/errors.ts';
import type { Storage } from './storage/storage.ts';
import type { Codec } from './stream/compression.ts';

const megabyte = 1024 * 1024;

/** Left for others on the same disk. */
const reserve = 64 * megabyte;

/** Of the size of the tables; COPY sends less than a table takes, and rarely less than this. */
const least: Readonly<Record<Codec, number>> = { none: 0.5, gzip: 0.02, lz4: 0.02, zstd: 0.02 };

/** @throws SteepError STORAGE_FULL. */
export const assertFreeSpace = async (
  storage: Storage,
  codec: Codec,
  tableBytes: number,
): Promise<void> => {
  const free = await storage.freeBytes();
  const needed = tableBytes * least[codec] + reserve;
  if (free === null || free >= needed) return;
  const inMegabytes = (bytes: number): number => Math.floor(bytes / megabyte);
  throw new SteepError(
    'STORAGE_FULL',
    `${storage.location} has ${inMegabytes(free)} MB left; the remaining files need at least ${inMegabytes(needed)} MB.`,
    {
      suggestions: [
        'Free space, and run the same command again: stored files are kept.',
        ...(codec === 'none'
          ? ['Or start over at another location, with --compression zstd.']
          : []),
      ],
    },
  );
};
