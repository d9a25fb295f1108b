// One chunk on its way into a storage.

import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { TransferPart } from '../../../../src/copy/read/choose-transfers.ts';
import { SteepError } from '../../../../src/model/errors.ts';
import type { Storage } from '../../../../src/snapshot/storage/storage.ts';
import { writeChunk } from '../../../../src/snapshot/stream/write-chunk.ts';

const part = {
  transfer: { table: { name: { schema: 'public', name: 'orders' } } },
  chunk: { number: 0, heap: { name: { schema: 'public', name: 'orders' } }, fromBlock: 0 },
} as unknown as TransferPart;

/** More than all buffers on the way hold. */
const rows = (): Readable => Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536)));

test.each(['none', 'gzip', 'zstd'] as const)(
  'a storage that fails before it reads anything ends the rows too, %s',
  async (codec) => {
    const stream = rows();
    const full = new SteepError('STORAGE_FULL', 'no space left');
    const storage = { write: async () => Promise.reject(full) } as unknown as Storage;
    const out = { stream, columns: ['id'], sent: () => 0, abandon: async () => undefined };
    const writing = writeChunk(part, out, 'primary', {
      storage,
      compression: { codec, level: null },
      signal: new AbortController().signal,
      onBytes: () => undefined,
    });
    await expect(writing).rejects.toBe(full);
    expect(stream.destroyed).toBe(true);
  },
);
