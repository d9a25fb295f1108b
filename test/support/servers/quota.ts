// A storage that is full after so many bytes, for disks and buckets that cannot be made small.

import { SteepError } from '../../../src/model/errors.ts';
import type { Content, Storage } from '../../../src/snapshot/storage/storage.ts';

/** What is removed frees no space. */
export const withQuota = (storage: Storage, bytes: number): Storage => {
  let left = bytes;
  const spend = (path: string, amount: number): void => {
    left -= amount;
    if (left >= 0) return;
    throw new SteepError(
      'STORAGE_FULL',
      `${storage.location}/${path} cannot be written: no space left.`,
    );
  };
  async function* counted(path: string, content: Content): Content {
    for await (const chunk of content) {
      spend(path, chunk.byteLength);
      yield chunk;
    }
  }
  return {
    ...storage,
    write: (path, content, signal) => storage.write(path, counted(path, content), signal),
    writeText: async (path, text) => {
      spend(path, Buffer.byteLength(text));
      await storage.writeText(path, text);
    },
    append: async (path, line) => {
      spend(path, Buffer.byteLength(line) + 1);
      await storage.append(path, line);
    },
    freeBytes: () => Promise.resolve(Math.max(left, 0)),
  };
};
