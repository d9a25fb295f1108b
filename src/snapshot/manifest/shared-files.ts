// Which bytes of which file belong to which chunk: most files hold one, and those of small tables many. Pure.

import type { SnapshotChunk } from '../../model/snapshot/snapshot.ts';

/** What one chunk has stored in a file. */
export interface FilePiece {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** In the order in which they are in the file, without what has none. */
export const chunksByFile = <T extends { readonly stored: SnapshotChunk }>(
  chunks: readonly T[],
): ReadonlyMap<string, readonly T[]> => {
  const named = chunks.filter(({ stored }) => stored.file !== null);
  const files = Map.groupBy(named, ({ stored }) => stored.file ?? '');
  return new Map(
    [...files].map(([file, within]) => [
      file,
      within.toSorted((a, b) => order(a.stored, b.stored)),
    ]),
  );
};

/** One that has no bytes begins where the next one does. */
const order = (a: SnapshotChunk, b: SnapshotChunk): number =>
  (a.offset ?? 0) - (b.offset ?? 0) || a.storedBytes - b.storedBytes;

export const piecesOf = (
  chunks: readonly { readonly stored: SnapshotChunk }[],
): readonly FilePiece[] =>
  chunks.map(({ stored }) => ({ bytes: stored.storedBytes, sha256: stored.storedSha256 }));

export const sizeOf = (pieces: readonly FilePiece[]): number =>
  pieces.reduce((sum, { bytes }) => sum + bytes, 0);

/** Whether they begin at the start of their file and each of them follows the one before it. */
export const isComplete = (chunks: readonly { readonly stored: SnapshotChunk }[]): boolean => {
  let end = 0;
  return chunks.every(({ stored: { offset, storedBytes } }) => {
    const follows = offset === undefined ? chunks.length === 1 : offset === end;
    end += storedBytes;
    return follows;
  });
};
