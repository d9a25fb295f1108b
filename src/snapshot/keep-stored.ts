// What an earlier run has stored is read and hashed again: a chunk counts only as it was written. The rest is written
// again, over whatever is there.

import type { Transfer } from '../copy/fill/copy-table.ts';
import { SteepError } from '../model/errors.ts';
import type { SnapshotChunk } from '../model/snapshot/snapshot.ts';
import type { Journal } from './manifest/journal.ts';
import type { Storage } from './storage/storage.ts';
import { chunkKey } from './stream/chunk-key.ts';
import { hashFile } from './stream/hash-file.ts';
import { sideBySide } from './stream/side-by-side.ts';

export interface KeepRequest {
  readonly storage: Storage;
  readonly journal: Journal | null;
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onKept: (kept: number, of: number) => void;
}

/** By chunkKey; the caller adds to it. */
export const keepStored = async (
  { storage, journal, jobs, signal, onKept }: KeepRequest,
  transfers: readonly Transfer[],
): Promise<Map<string, SnapshotChunk>> => {
  const kept = new Map<string, SnapshotChunk>();
  if (journal === null) return kept;
  const known = new Map(journal.chunks.map((chunk) => [chunkKey(chunk), chunk]));
  const wanted = [...known.values()].filter(({ table, number }) =>
    transfers[table]?.chunks.some((chunk) => chunk.number === number),
  );
  await storage.removePartials();
  await sideBySide(wanted, jobs, async (chunk) => {
    if (await isWhole(storage, chunk.stored, signal)) kept.set(chunkKey(chunk), chunk.stored);
  });
  onKept(
    kept.size,
    transfers.reduce((total, { chunks }) => total + chunks.length, 0),
  );
  return kept;
};

const missing: readonly string[] = ['SNAPSHOT_FILE_MISSING', 'SNAPSHOT_LINK'];

async function isWhole(
  storage: Storage,
  { file, storedBytes, storedSha256 }: SnapshotChunk,
  signal: AbortSignal,
): Promise<boolean> {
  if (file === null) return true;
  try {
    const { bytes, sha256 } = await hashFile(storage, file, signal);
    return bytes === storedBytes && sha256 === storedSha256;
  } catch (error) {
    if (error instanceof SteepError && missing.includes(error.code)) return false;
    throw error;
  }
}
