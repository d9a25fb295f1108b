// Bytes and SHA-256 of a stored file, read once with back-pressure.

import { pipeline } from 'node:stream/promises';
import type { Storage } from '../storage/storage.ts';
import { drain } from './drain.ts';
import { hashStream } from './hash-stream.ts';

export interface FileHash {
  readonly bytes: number;
  readonly sha256: string;
}

/** @throws SteepError of the storage. */
export const hashFile = async (
  storage: Storage,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<FileHash> => {
  const through = hashStream();
  await pipeline(await storage.read(path, signal), through.stream, drain(onBytes), { signal });
  return { bytes: through.bytes(), sha256: through.sha256() };
};
