// What an earlier run has stored is read and hashed again: a chunk counts only as it was written. The rest is written
// again, over whatever is there.

import type { Transfer } from '../copy/fill/copy-table.ts';
import { SteepError } from '../model/errors.ts';
import type { SnapshotChunk } from '../model/snapshot/snapshot.ts';
import type { Journal, StoredChunk } from './manifest/journal.ts';
import { chunksByFile, isComplete, piecesOf } from './manifest/shared-files.ts';
import type { Storage } from './storage/storage.ts';
import { chunkKey } from './stream/chunk-key.ts';
import { hasPieces } from './stream/hash-file.ts';
import { packFolder } from './stream/pack.ts';
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
  const files = chunksByFile(wanted);
  await sideBySide([...files], jobs, async ([file, chunks]) => {
    if (!(await isIntact(storage, file, chunks, signal))) return;
    for (const chunk of chunks) kept.set(chunkKey(chunk), chunk.stored);
  });
  for (const chunk of wanted) {
    if (chunk.stored.file === null) kept.set(chunkKey(chunk), chunk.stored);
  }
  await removePacks(storage, new Set([...kept.values()].map(({ file }) => file)));
  onKept(
    kept.size,
    transfers.reduce((total, { chunks }) => total + chunks.length, 0),
  );
  return kept;
};

const missing: readonly string[] = ['SNAPSHOT_FILE_MISSING', 'SNAPSHOT_LINK'];

/** A file that chunks share counts for all of them, or for none: it cannot be written again in part. */
async function isIntact(
  storage: Storage,
  file: string,
  chunks: readonly StoredChunk[],
  signal: AbortSignal,
): Promise<boolean> {
  if (!isComplete(chunks)) return false;
  try {
    return await hasPieces(storage, file, piecesOf(chunks), { signal, onBytes: () => undefined });
  } catch (error) {
    if (error instanceof SteepError && missing.includes(error.code)) return false;
    throw error;
  }
}

/** Tables that are read again may share another file than before, and nothing would name the old one. */
async function removePacks(storage: Storage, kept: ReadonlySet<string | null>): Promise<void> {
  for await (const { path, kind } of storage.list(packFolder)) {
    if (kind === 'file' && !kept.has(path)) await storage.remove(path);
  }
}
