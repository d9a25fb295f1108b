// SHA-256 of what is in a stored file, piece by piece, read once with back-pressure.

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { type FilePiece, sizeOf } from '../manifest/shared-files.ts';
import type { Storage } from '../storage/storage.ts';
import { drain } from './drain.ts';

interface Hashing {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Whether the file holds these pieces, in this order, and nothing else. @throws SteepError of the storage. */
export const hasPieces = async (
  storage: Storage,
  path: string,
  pieces: readonly FilePiece[],
  { signal, onBytes }: Hashing,
): Promise<boolean> => {
  const hashes = hashPieces(pieces.map(({ bytes }) => bytes));
  const content = await storage.read(path, signal);
  const take = drain((data) => {
    hashes.add(data);
    onBytes(data.length);
  });
  await pipeline(content, take, { signal });
  if (hashes.bytes() !== sizeOf(pieces)) return false;
  const found = hashes.end();
  return pieces.every(({ sha256 }, at) => sha256 === found[at]);
};

/** What follows the pieces belongs to the last one. */
const hashPieces = (sizes: readonly number[]) => {
  const ended: string[] = [];
  let hash = createHash('sha256');
  let missing = sizes[0] ?? 0;
  let bytes = 0;
  const next = (): void => {
    ended.push(hash.digest('hex'));
    hash = createHash('sha256');
    missing = sizes[ended.length] ?? 0;
  };
  const isLast = (): boolean => ended.length >= sizes.length - 1;
  return {
    bytes: (): number => bytes,
    add: (data: Buffer): void => {
      bytes += data.length;
      let rest = data;
      while (!isLast() && rest.length >= missing) {
        hash.update(rest.subarray(0, missing));
        rest = rest.subarray(missing);
        next();
      }
      hash.update(rest);
      missing -= rest.length;
    },
    end: (): readonly string[] => {
      while (!isLast()) next();
      next();
      return ended;
    },
  };
};
