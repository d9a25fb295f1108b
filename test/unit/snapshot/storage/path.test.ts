// Paths inside a snapshot, and the names of buckets.

import { join, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBucketLocation } from '../../../../src/snapshot/storage/bucket-location.ts';
import { checkPath, isPath } from '../../../../src/snapshot/storage/path.ts';

test.each([
  'manifest.json',
  'data/public.orders/000001.bin.zst',
  '.hidden',
  '-rf',
  'ä/日本',
  '...',
  'a b/c',
])('%j is a path', (path) => {
  expect(checkPath(path)).toBe(path);
});

test.each([
  ['', 'it is empty'],
  ['/etc/passwd', 'it is absolute'],
  ['../up', 'it goes through ".."'],
  ['data/../../up', 'it goes through ".."'],
  ['data/..', 'it goes through ".."'],
  ['./a', 'it goes through "."'],
  ['a//b', 'a part of it is empty'],
  ['a/', 'a part of it is empty'],
  ['a\\b', 'it has a backslash'],
  ['a\0b', 'it has a control character'],
  ['a\nb', 'it has a control character'],
  ['a\u0085b', 'it has a control character'],
  ['C:/a', 'it begins with a drive letter'],
  ['c:a', 'it begins with a drive letter'],
  ['a\ud800', 'it is not valid Unicode'],
  ['a'.repeat(201), 'a part is longer than 200 bytes'],
  ['ä'.repeat(101), 'a part is longer than 200 bytes'],
  ['a/'.repeat(360), 'it is longer than 700 bytes'],
])('%j is none', (path, why) => {
  expect(() => checkPath(path)).toThrow(
    expect.objectContaining({
      code: 'SNAPSHOT_PATH',
      message: expect.stringContaining(`is not a path inside a snapshot: ${why}.`),
    }),
  );
});

test('whatever is a path stays below its root', () => {
  const part = fc.constantFrom('a', '.', '..', '', '/', '\\', 'C:', '~', '%2e%2e', '...', '\0');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom('/', ''), (parts, glue) => {
      const path = parts.join(glue);
      fc.pre(isPath(path));
      expect(join('/root', path).startsWith(`${sep}root${sep}`)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['S3://my.bucket-1/a/b', { bucket: 'my.bucket-1', prefix: 'a/b' }],
  ['s3://bucket/a/b/', { bucket: 'bucket', prefix: 'a/b' }],
  ['/var/backups', null],
  ['backups', null],
  ['./s3', null],
  ['s3/x', null],
])('%s', (text, location) => {
  expect(parseBucketLocation(text)).toEqual(location);
});

test.each([
  's3:bucket',
  's3://',
  's3:///prefix',
  's3://Bucket/x',
  's3://a',
  's3://b_c/x',
  's3://key:secret@bucket/x',
])('%s is no bucket, and is not repeated', (text) => {
  expect(() => parseBucketLocation(text)).toThrow(
    expect.objectContaining({
      code: 'STORAGE_LOCATION',
      exit: 64,
      message: 'The location is not of the form s3://BUCKET/PREFIX.',
    }),
  );
});

test.each(['s3://bucket/../x', 's3://bucket//x', 's3://bucket/a\\b'])(
  '%s has no prefix',
  (text) => {
    expect(() => parseBucketLocation(text)).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_PATH' }),
    );
  },
);
