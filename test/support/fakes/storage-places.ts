// Places for storages of tests, and content to put there. What was opened is closed after each test.

import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach } from 'vitest';
import { openStorage } from '../../../src/snapshot/storage/open-storage.ts';
import type { Content, Storage } from '../../../src/snapshot/storage/storage.ts';

export const megabyte = 1024 ** 2;
/** Of what is never aborted. */
export const calm = new AbortController().signal;

const opened: Storage[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((storage) => storage.close()));
});

export const openNew = async (location: string): Promise<Storage> => {
  const storage = await openStorage(location, { create: true });
  opened.push(storage);
  return storage;
};

export const bytesOf = (...texts: readonly string[]): Content =>
  Readable.from(texts.map((text) => Buffer.from(text)));

/** So many megabytes that nothing compresses. */
export const blocks = (count: number): Content =>
  Readable.from(Array.from({ length: count }, () => randomBytes(megabyte)));

export const collectText = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

export const all = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

export const listed = async (storage: Storage, folder = ''): Promise<readonly string[]> =>
  (await all(storage.list(folder))).map(({ path }) => path).toSorted();
