// One chunk on its way into a storage.

import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { TransferPart } from '../../../../src/copy/read/choose-transfers.ts';
import { SteepError } from '../../../../src/model/errors.ts';
import type { Storage } from '../../../../src/snapshot/storage/storage.ts';
import { openPack } from '../../../../src/snapshot/stream/pack.ts';
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
      pack: null,
    });
    await expect(writing).rejects.toBe(full);
    expect(stream.destroyed).toBe(true);
  },
);

/** Two parts of small tables, which share a file. */
const small = [0, 1].map((index) => {
  const heap = { name: { schema: 'public', name: `small_${index}` }, blocks: 1, ranges: true };
  const chunk = { number: 0, heap, fromBlock: 0, toBlock: null, bytes: 8192 };
  return { transfer: { index, table: { name: heap.name }, chunks: [chunk] }, chunk };
}) as unknown as readonly TransferPart[];

test.each(['at once', 'after a while'])(
  'a storage that fails %s ends the rows of a shared file too',
  async (when) => {
    const full = new SteepError('STORAGE_FULL', 'no space left');
    const write = async (_path: string, content: AsyncIterable<Uint8Array>): Promise<number> => {
      if (when === 'at once') throw full;
      for await (const _ of content) throw full;
      return 0;
    };
    const target = {
      storage: { write } as unknown as Storage,
      compression: { codec: 'none', level: null } as const,
      signal: new AbortController().signal,
    };
    const pack = openPack({ parts: small, bytes: 16_384 }, target);
    const [first] = small;
    if (first === undefined || pack === null) throw new Error('there is nothing to write');
    const stream = rows();
    const out = { stream, columns: ['id'], sent: () => 0, abandon: async () => undefined };
    const writing = writeChunk(first, out, 'primary', {
      ...target,
      onBytes: () => undefined,
      pack,
    });
    await expect(writing).rejects.toBe(full);
    await pack.abandon(full);
    expect(stream.destroyed).toBe(true);
  },
);

test('a storage that fails while the rows are silent ends them', async () => {
  const full = new SteepError('STORAGE_FULL', 'no space left');
  const fails = Promise.withResolvers<number>();
  const target = {
    storage: { write: () => fails.promise } as unknown as Storage,
    compression: { codec: 'none', level: null } as const,
    signal: new AbortController().signal,
  };
  const pack = openPack({ parts: small, bytes: 16_384 }, target);
  const silent = new Readable({ read: () => undefined });
  const appending = pack?.append(silent);
  fails.reject(full);
  await expect(appending).rejects.toBe(full);
});
