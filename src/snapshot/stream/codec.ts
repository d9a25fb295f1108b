// Compression as streams: zlib and zstd of Node, and LZ4 frames. All of them work in threads, with back-pressure.
// Knows no files: what is damaged, cut short, too large or followed by anything is an error, never silence.

import { type Duplex, PassThrough, Transform } from 'node:stream';
import {
  createGunzip,
  createGzip,
  createZstdCompress,
  createZstdDecompress,
  type ZlibOptions,
  constants as zlib,
} from 'node:zlib';
import { SteepError } from '../../model/errors.ts';
import { corrupt } from '../corrupt.ts';
import type { Codec, Compression } from './compression.ts';
import { loadLz4, lz4Compress, lz4Decompress } from './lz4-frame.ts';
import { throughEngine } from './through-engine.ts';

/** What is known of a file before it is read. */
export interface Expected {
  /** For people. */
  readonly file: string;
  /** The most that may come out: a small file can say that it is a huge one. */
  readonly limitBytes: number;
}

/** Of what comes out of zlib at once: fewer trips to threads than with the usual 16 kB. */
const chunkSize = 256 * 1024;

/** Makes sure that the codec works on this machine, before anything depends on it: CODEC_UNAVAILABLE. */
export const ensureCodec = async (codec: Codec): Promise<void> => {
  if (codec !== 'lz4') return;
  try {
    await loadLz4();
  } catch (cause) {
    throw new SteepError(
      'CODEC_UNAVAILABLE',
      `The codec lz4 does not work here: its library for ${process.platform}-${process.arch} is not installed.`,
      {
        cause,
        suggestions: ['npm install --include=optional', 'Use zstd, which is part of Node.'],
      },
    );
  }
};

/** Raw data in, compressed data out. */
export const compress = ({ codec, level }: Compression): Duplex => {
  switch (codec) {
    case 'none':
      return new PassThrough();
    case 'gzip':
      return throughEngine(createGzip({ chunkSize, ...gzipLevel(level) }));
    case 'lz4':
      return lz4Compress();
    case 'zstd':
      return zstdCompress(level);
  }
};

/**
 * Who asks for a fast level wants speed: a window of 4 kB stays in the processor's cache. It takes a quarter less time,
 * rows become smaller by it, and prose a tenth larger.
 */
const gzipLevel = (level: number | null): ZlibOptions => {
  if (level === null) return {};
  return level <= 3 ? { level, windowBits: 12, memLevel: 9 } : { level };
};

/** Compressed data in, raw data out, or SNAPSHOT_CORRUPT. That it is the right data, a checksum must tell. */
export const decompress = (codec: Codec, expected: Expected): Duplex => {
  switch (codec) {
    case 'none':
      return limited(expected);
    case 'gzip':
      return guarded(createGunzip({ chunkSize }), expected);
    case 'lz4':
      return guarded(lz4Decompress(), expected);
    case 'zstd':
      return guarded(createZstdDecompress({ chunkSize }), expected);
  }
};

/**
 * Node writes a second, empty frame behind the first when it is told of the end before it has worked off the last
 * chunk, and does not read such data itself. An engine of its own is told afterwards.
 */
const zstdCompress = (level: number | null): Duplex => {
  const levels = level === null ? {} : { [zlib.ZSTD_c_compressionLevel]: level };
  const params = { [zlib.ZSTD_c_checksumFlag]: 1, ...levels };
  return throughEngine(createZstdCompress({ chunkSize, params }));
};

const tooMuch = ({ file, limitBytes }: Expected): SteepError =>
  corrupt(file, `holds more than the ${limitBytes} bytes that it should`);

const limited = (expected: Expected): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > expected.limitBytes) done(tooMuch(expected));
      else done(null, chunk);
    },
  });
};

/** zlib says how much of its input it used: it ends at the end of the data, and says nothing of what follows. */
type Engine = Duplex & { readonly bytesWritten?: number };

const guarded = (engine: Engine, expected: Expected): Duplex => {
  let given = 0;
  return throughEngine(engine, {
    onData: (chunk) => {
      given += chunk.length;
      return given > expected.limitBytes ? tooMuch(expected) : null;
    },
    onEnd: (fed, isFed) => {
      const isAll = isFed && (engine.bytesWritten ?? fed) === fed;
      return isAll ? null : corrupt(expected.file, 'has data after its end');
    },
    onError: (error) => corrupt(expected.file, faultOf(error)),
  });
};

const faultOf = (error: Error & { readonly code?: string }): string => {
  if (error.code === 'Z_BUF_ERROR') return 'is truncated';
  const isOurs = /^(is|has|goes) /.test(error.message);
  return isOurs ? error.message : `does not decompress (${error.message})`;
};
