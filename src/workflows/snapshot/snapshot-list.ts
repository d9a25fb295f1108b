// steep snapshot list: the snapshots below a place, or those on record. Read-only.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import {
  entryOfManifest,
  entryOfRecord,
  newestFirst,
  type SnapshotEntry,
  type SnapshotList,
} from '../../model/snapshot/snapshot-report.ts';
import { type FoundSnapshot, findSnapshots } from '../../snapshot/manifest/find-snapshots.ts';
import { readManifest } from '../../snapshot/manifest/read-manifest.ts';
import { readUnfinished } from '../../snapshot/manifest/read-unfinished.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { withStorage } from './snapshot-place.ts';
import { findRecords, type RecordsRequest } from './snapshot-records.ts';

export type ListResult =
  | {
      readonly outcome: 'read';
      readonly report: SnapshotList;
      /** Of nodes that could not be read. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly outcome: 'invalid file'; readonly diagnostics: readonly Diagnostic[] };

/** Those that were deleted only where they are asked for. */
export const listRecorded = async (
  request: RecordsRequest & { readonly deletedToo: boolean },
  runtime: RuntimeEnvironment,
): Promise<ListResult> => {
  const found = await findRecords(request, runtime);
  if (found.outcome !== 'read') return found;
  const entries = found.records
    .map(({ record, anchor }) => entryOfRecord(record, anchor))
    .filter(({ status }) => request.deletedToo || status !== 'deleted');
  const report = { location: null, snapshots: newestFirst(entries) };
  return { outcome: 'read', report, diagnostics: found.diagnostics };
};

/** Every one below a directory or bucket prefix. @throws SteepError STORAGE_FAILED. */
export const listStored = (place: string): Promise<SnapshotList> =>
  withStorage(place, async (storage) => {
    const found = await findSnapshots(storage);
    const entries: SnapshotEntry[] = [];
    for (const snapshot of found) entries.push(await describe(storage.location, snapshot));
    return { location: storage.location, snapshots: newestFirst(entries) };
  });

const describe = (root: string, { folder, kind }: FoundSnapshot): Promise<SnapshotEntry> =>
  withStorage(folder === '' ? root : `${root}/${folder}`, (storage) =>
    kind === 'finished' ? describeFinished(storage) : describeUnfinished(storage),
  );

const describeFinished = async (storage: Storage): Promise<SnapshotEntry> => {
  try {
    return entryOfManifest(await readManifest(storage), storage.location);
  } catch (error) {
    if (!(error instanceof SteepError)) throw error;
    return { ...nothingKnown(storage), error: error.message };
  }
};

const describeUnfinished = async (storage: Storage): Promise<SnapshotEntry> => {
  const found = await readUnfinished(storage);
  return {
    ...nothingKnown(storage),
    ...(found !== null && {
      snapshotId: found.snapshotId,
      createdAt: found.createdAt,
      node: found.node,
      lsn: found.lsn,
      tables: found.tables,
      rows: found.rows,
      bytes: found.bytes,
      storedBytes: found.storedBytes,
      compression: found.compression,
      slot: found.slot,
    }),
    status: 'unfinished',
  };
};

const nothingKnown = ({ location }: Storage): SnapshotEntry => ({
  snapshotId: null,
  status: 'damaged',
  createdAt: null,
  node: null,
  lsn: null,
  tables: null,
  rows: null,
  bytes: null,
  storedBytes: null,
  compression: null,
  slot: null,
  anchor: null,
  location,
  error: null,
});
