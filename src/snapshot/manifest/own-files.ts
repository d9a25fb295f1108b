// Which files in the place of a snapshot are its own, so that nothing else is ever taken away with it.

import {
  journalFile,
  manifestFile,
  type SnapshotManifest,
  schemaFile,
  sequencesFile,
  signatureFile,
} from '../../model/snapshot/snapshot.ts';
import type { Storage, StoredFile } from '../storage/storage.ts';
import { expectedFiles } from '../verify.ts';

export interface OwnFiles {
  /** In the order in which they may go: what names the others comes last, so that a deletion can be gone on with. */
  readonly own: readonly StoredFile[];
  readonly foreign: readonly string[];
}

/**
 * Of a finished snapshot, what its manifest names; of an unfinished one, what its run writes: a chunk may be stored
 * that is not in the journal yet. Files that a killed write left behind are its own, too.
 */
export const ownFiles = async (
  storage: Storage,
  manifest: SnapshotManifest | null,
): Promise<OwnFiles> => {
  const named = manifest === null ? null : new Set(expectedFiles(manifest).keys());
  const isOwn = ({ path, kind }: StoredFile): boolean => {
    if (kind === 'partial') return true;
    if (kind !== 'file') return false;
    return texts.has(path) || (named === null ? chunkPattern.test(path) : named.has(path));
  };
  const own: StoredFile[] = [];
  const foreign: string[] = [];
  for await (const file of storage.list('')) {
    if (isOwn(file)) own.push(file);
    else foreign.push(file.path);
  }
  return { own: own.toSorted((a, b) => rank(a.path) - rank(b.path)), foreign: foreign.toSorted() };
};

const texts: ReadonlySet<string> = new Set([
  manifestFile,
  signatureFile,
  journalFile,
  schemaFile,
  sequencesFile,
]);

const chunkPattern = /^data\/(packs\/\d+-\d+|[^/]+\/\d+)\.bin(\.\w+)?$/;

const rank = (path: string): number => [journalFile, manifestFile].indexOf(path);

/** What names the others. */
export const isIndex = (path: string): boolean => rank(path) >= 0;
