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
  ['', 'There is no compression "": the codecs are none, gzip, lz4, zstd.'],
  ['brotli', 'There is no compression "brotli": the codecs are none, gzip, lz4, zstd.'],
  ['ZSTD', 'There is no compression "ZSTD": the codecs are none, gzip, lz4, zstd.'],
  ['none:1', 'There is no compression "none:1": none has no levels.'],
  ['lz4:1', 'There is no compression "lz4:1": lz4 has no levels.'],
  ['gzip:0', 'There is no compression "gzip:0": the levels of gzip are 1 to 9.'],
  ['gzip:', 'There is no compression "gzip:": the levels of gzip are 1 to 9.'],
  ['zstd:20', 'There is no compression "zstd:20": the levels of zstd are 1 to 19.'],
  ['zstd:3.5', 'There is no compression "zstd:3.5": the levels of zstd are 1 to 19.'],
  ['zstd:-1', 'There is no compression "zstd:-1": the levels of zstd are 1 to 19.'],
  ['zstd: 3', 'There is no compression "zstd: 3": the levels of zstd are 1 to 19.'],
  ['toString', 'There is no compression "toString": the codecs are none, gzip, lz4, zstd.'],
])('%j is refused', (text, message) => {
  expect(() => parseCompression(text)).toThrow(
    expect.objectContaining({ code: 'COMPRESSION_INVALID', exit: 64, message }),
  );
});

test('suffixes', () => {
  expect(codecNames.map(codecSuffix)).toEqual(['', '.gz', '.lz4', '.zst']);
});
