// Every codec: there and back, and whatever happened to the data in between is an error.

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compress, decompress, ensureCodec } from '../../../../src/snapshot/stream/codec.ts';
import {
  type Codec,
  codecNames,
  parseCompression,
} from '../../../../src/snapshot/stream/compression.ts';

const megabyte = 1024 ** 2;
const unlimited = { file: 'data/a/1.bin', limitBytes: Number.MAX_SAFE_INTEGER };
const compressed = codecNames.filter((codec) => codec !== 'none');

const collect = async (first: Readable, through: Duplex): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  await pipeline(first, through, async (stream: AsyncIterable<Buffer>) => {
    for await (const chunk of stream) chunks.push(chunk);
  });
  return Buffer.concat(chunks);
};

const source = (...chunks: readonly Buffer[]): Readable =>
  Readable.from(chunks, { objectMode: false });

/** A text as chunks of a size. */
const cut = (data: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
    data.subarray(index * size, (index + 1) * size),
  );

const pack = (codec: Codec, ...chunks: readonly Buffer[]): Promise<Buffer> =>
  collect(source(...chunks), compress(parseCompression(codec)));

const unpack = (codec: Codec, expected: { limitBytes?: number }, ...chunks: readonly Buffer[]) =>
  collect(source(...chunks), decompress(codec, { ...unlimited, ...expected }));

/** Rows that repeat a good deal, as rows do; more than a block of any codec. */
const rows = (bytes: number): Buffer => {
  const row = (index: number): string =>
    `${index}\tcustomer ${index % 97}\t2026-01-01\t${index * 7}\n`;
  const lines: string[] = [];
  for (let length = 0, index = 0; length < bytes; index += 1) {
    lines.push(row(index));
    length += row(index).length;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
};

describe.each(codecNames)('%s', (codec) => {
  test('works here', async () => {
    await expect(ensureCodec(codec)).resolves.toBeUndefined();
  });

  test.each([0, 1, 65_536, megabyte, 5 * megabyte + 17])('%i bytes come back', async (size) => {
    for (const data of [rows(size), randomBytes(size)]) {
      const packed = await pack(codec, ...cut(data, 100_000));
      expect((await unpack(codec, {}, ...cut(packed, 70_001))).equals(data)).toBe(true);
    }
  });

  test('however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        async (chunks, size) => {
          const buffers = chunks.map((chunk) => Buffer.from(chunk));
          const packed = await pack(codec, ...buffers);
          const back = await unpack(codec, {}, ...cut(packed, size));
          expect(back.equals(Buffer.concat(buffers))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('more than there should be is an error', async () => {
    const packed = await pack(codec, rows(3 * megabyte));
    await expect(unpack(codec, { limitBytes: 3 * megabyte }, packed)).resolves.toHaveLength(
      3 * megabyte,
    );
    await expect(unpack(codec, { limitBytes: 3 * megabyte - 1 }, packed)).rejects.toMatchObject({
      code: 'SNAPSHOT_CORRUPT',
      message: expect.stringContaining('data/a/1.bin is damaged: it holds more than'),
    });
  });

  test('stops when no session reads', async () => {
    let fed = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        fed += megabyte;
        yield randomBytes(megabyte);
      }
    }
    const stream = compress(parseCompression(codec));
    const stop = new AbortController();
    const idle = new PassThrough();
    const done = pipeline(endless(), stream, idle, { signal: stop.signal });
    let before = -1;
    // Still, once nothing was taken for a good while.
    for (let still = 0; still < 200; ) {
      still = fed === before ? still + 1 : 0;
      before = fed;
      await setImmediate();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    stop.abort();
    await expect(done).rejects.toThrow();
    expect(fed).toBeLessThan(16 * megabyte);
  });
});

describe.each(compressed)('%s, damaged', (codec) => {
  const data = rows(2 * megabyte + 5);

  test.each([
    ['cut by a byte', (packed: Buffer) => [packed.subarray(0, -1)]],
    ['cut by half', (packed: Buffer) => [packed.subarray(0, packed.length / 2)]],
    ['empty', () => []],
    ['junk behind', (packed: Buffer) => [Buffer.concat([packed, Buffer.from('junk')])]],
    ['junk behind, apart', (packed: Buffer) => [packed, Buffer.from('junk')]],
    ['zeros behind', (packed: Buffer) => [Buffer.concat([packed, Buffer.alloc(16)])]],
    ['zeros behind, apart', (packed: Buffer) => [packed, Buffer.alloc(16)]],
    ['no such data', () => [Buffer.from('this was never compressed')]],
  ])('%s', async (_, damage) => {
    const damaged = damage(await pack(codec, data));
    await expect(unpack(codec, {}, ...damaged)).rejects.toMatchObject({ code: 'SNAPSHOT_CORRUPT' });
  });

  test('a bit that flipped is seen, wherever it is', async () => {
    const packed = await pack(codec, data);
    const packedAgain = (bit: number): Buffer => {
      const copy = Buffer.from(packed);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return copy;
    };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 80, max: packed.length * 8 - 1 }), async (bit) => {
        const back = await unpack(codec, {}, packedAgain(bit)).catch((error: unknown) => error);
        // A field of the header may be free to be anything; then the data is whole. LZ4 has no checksum over the
        // bit that says that a block is not compressed; then the data is short.
        if (Buffer.isBuffer(back) && codec === 'lz4' && back.length < data.length) return;
        if (Buffer.isBuffer(back)) expect(back.equals(data)).toBe(true);
        else expect(back).toMatchObject({ code: 'SNAPSHOT_CORRUPT' });
      }),
      { numRuns: 40 },
    );
  });
});

const tools = { gzip: 'gzip', lz4: 'lz4', zstd: 'zstd' } as const;

describe.each(Object.entries(tools))('%s and the command', (codec, tool) => {
  const isThere = spawnSync(tool, ['--version']).status === 0;
  const data = rows(5 * megabyte + 3);
  const run = (args: readonly string[], input: Buffer) =>
    spawnSync(tool, [...args, '-c'], { input, maxBuffer: 64 * megabyte });

  test.skipIf(!isThere)('it reads ours', async () => {
    const { stdout, stderr } = run(['-d'], await pack(codec as Codec, data));
    expect(String(stderr)).toBe('');
    expect(stdout.equals(data)).toBe(true);
  });

  test.skipIf(!isThere)('we read its', async () => {
    const packed = run([], data).stdout;
    expect((await unpack(codec as Codec, {}, packed)).equals(data)).toBe(true);
  });
});

test('zstd makes one frame, also when the end comes with the last chunk', async () => {
  const magic = Buffer.from('28b52ffd', 'hex');
  for (const chunks of [[], ['a'], ['a', 'b'], ['a', 'b', 'c']]) {
    const packed = await pack('zstd', ...chunks.map((text) => Buffer.from(text)));
    expect(packed.indexOf(magic)).toBe(0);
    expect(packed.indexOf(magic, 1)).toBe(-1);
  }
});

test.each(['gzip:1', 'gzip:9', 'zstd:1', 'zstd:19'])('%s: the level counts', async (text) => {
  const data = rows(megabyte);
  const { codec } = parseCompression(text);
  const packed = await collect(source(data), compress(parseCompression(text)));
  expect((await unpack(codec, {}, packed)).equals(data)).toBe(true);
  const other = parseCompression(text.endsWith(':1') ? `${codec}:9` : `${codec}:1`);
  expect(packed.length).not.toBe((await collect(source(data), compress(other))).length);
});
