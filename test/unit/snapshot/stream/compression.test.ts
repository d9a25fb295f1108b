// What people write for a compression.

import { expect, test } from 'vitest';
import {
  codecNames,
  codecSuffix,
  formatCompression,
  parseCompression,
} from '../../../../src/snapshot/stream/compression.ts';

test.each([
  ['none', { codec: 'none', level: null }],
  ['gzip', { codec: 'gzip', level: 1 }],
  ['gzip:9', { codec: 'gzip', level: 9 }],
  ['lz4', { codec: 'lz4', level: null }],
  ['zstd', { codec: 'zstd', level: 1 }],
  ['zstd:19', { codec: 'zstd', level: 19 }],
])('%s', (text, compression) => {
  const parsed = parseCompression(text);
  expect(parsed).toEqual(compression);
  expect(parseCompression(formatCompression(parsed))).toEqual(compression);
});

test.each([
  ['', 'Unknown compression "": the codecs are none, gzip, lz4, zstd.'],
  ['brotli', 'Unknown compression "brotli": the codecs are none, gzip, lz4, zstd.'],
  ['ZSTD', 'Unknown compression "ZSTD": the codecs are none, gzip, lz4, zstd.'],
  ['none:1', 'Unknown compression "none:1": none has no levels.'],
  ['lz4:1', 'Unknown compression "lz4:1": lz4 has no levels.'],
  ['gzip:0', 'Unknown compression "gzip:0": the levels of gzip are 1 to 9.'],
  ['gzip:', 'Unknown compression "gzip:": the levels of gzip are 1 to 9.'],
  ['zstd:20', 'Unknown compression "zstd:20": the levels of zstd are 1 to 19.'],
  ['zstd:3.5', 'Unknown compression "zstd:3.5": the levels of zstd are 1 to 19.'],
  ['zstd:-1', 'Unknown compression "zstd:-1": the levels of zstd are 1 to 19.'],
  ['zstd: 3', 'Unknown compression "zstd: 3": the levels of zstd are 1 to 19.'],
  ['toString', 'Unknown compression "toString": the codecs are none, gzip, lz4, zstd.'],
])('%j is refused', (text, message) => {
  expect(() => parseCompression(text)).toThrow(
    expect.objectContaining({ code: 'COMPRESSION_INVALID', exit: 64, message }),
  );
});

test('suffixes', () => {
  expect(codecNames.map(codecSuffix)).toEqual(['', '.gz', '.lz4', '.zst']);
});
