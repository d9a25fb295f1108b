// What a deletion is about: the snapshot in a place, or one on record, with the files that are its own. Read-only.

import type { DatabaseIdentity } from '../../catalog/metadata/read-anchors.ts';
import { SteepError } from '../../model/errors.ts';
import type { SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import type { SnapshotEntry } from '../../model/snapshot/snapshot-report.ts';
import { type OwnFiles, ownFiles } from '../../snapshot/manifest/own-files.ts';
import { readManifest } from '../../snapshot/manifest/read-manifest.ts';
import {
  readUnfinished,
  type UnfinishedSnapshot,
} from '../../snapshot/manifest/read-unfinished.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import { isReachable, withStorage } from './snapshot-place.ts';
import type { FoundRecord } from './snapshot-records.ts';

export interface DescribedSnapshot {
  readonly snapshotId: string | null;
  readonly status: SnapshotEntry['status'];
  readonly createdAt: string | null;
  readonly location: string;
  readonly slot: string | null;
  readonly lsn: string | null;
  /** The node that it says it comes from, and what must be found there. */
  readonly source: string | null;
  readonly identity: DatabaseIdentity | null;
  readonly holder: UnfinishedSnapshot['holder'];
  /** Null: from here, none is known to be its own. */
  readonly files: OwnFiles | null;
}

/** @throws SteepError as reading a manifest does: of what cannot be read, nothing is known that may be deleted. */
export const subjectAt = (place: string): Promise<DescribedSnapshot> =>
  withStorage(place, async (storage) => {
    const manifest = await readFinished(storage);
    const files = await ownFiles(storage, manifest);
    if (manifest !== null) return { ...ofManifest(manifest, storage), files };
    const journal = await readUnfinished(storage);
    if (journal === null) throw new Error('a journal was found before');
    return { ...ofJournal(journal, storage), files };
  });

/** Its files are taken away only if they are those of this snapshot. */
export const subjectOnRecord = async ({ on, record }: FoundRecord): Promise<DescribedSnapshot> => {
  const stored = isReachable(record.location) ? await storedOf(record.location) : null;
  const isSame = stored !== null && stored.snapshotId === record.snapshotId;
  const { snapshotId, status, startedAt: createdAt, location, slot, lsn } = record;
  const known = { snapshotId, status, createdAt, location, slot, lsn, source: on, identity: null };
  return isSame
    ? { ...known, lsn: lsn ?? stored.lsn, holder: stored.holder, files: stored.files }
    : { ...known, holder: null, files: null };
};

/** Null: nothing is there, or something that cannot be read. */
const storedOf = async (location: string): Promise<DescribedSnapshot | null> => {
  try {
    return await subjectAt(location);
  } catch (error) {
    if (error instanceof SteepError && absent.has(error.code)) return null;
    throw error;
  }
};

const absent: ReadonlySet<string> = new Set([
  'SNAPSHOT_MISSING',
  'SNAPSHOT_DAMAGED',
  'SNAPSHOT_FORMAT',
]);

const readFinished = async (storage: Storage): Promise<SnapshotManifest | null> => {
  try {
    return await readManifest(storage);
  } catch (error) {
    if (error instanceof SteepError && error.code === 'SNAPSHOT_UNFINISHED') return null;
    throw error;
  }
};

const ofManifest = (
  manifest: SnapshotManifest,
  { location }: Storage,
): Omit<DescribedSnapshot, 'files'> => {
  const { snapshotId, createdAt, slot, lsn } = manifest;
  const { node: source, systemIdentifier, database } = manifest.source;
  const identity = { systemIdentifier, database };
  const status = 'complete';
  return { snapshotId, status, createdAt, location, slot, lsn, source, identity, holder: null };
};

const ofJournal = (
  { node: source, systemIdentifier, database, ...journal }: UnfinishedSnapshot,
  { location }: Storage,
): Omit<DescribedSnapshot, 'files'> => {
  const { snapshotId, createdAt, slot, lsn, holder } = journal;
  const isKnown = systemIdentifier !== null && database !== null;
  const identity = isKnown ? { systemIdentifier, database } : null;
  const status = 'unfinished';
  return { snapshotId, status, createdAt, location, slot, lsn, source, identity, holder };
};
