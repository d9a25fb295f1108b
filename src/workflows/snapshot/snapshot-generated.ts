// What steep snapshot generate tells of the snapshot that it made, or found.

import type { SnapshotManifest, SnapshotReport } from '../../model/snapshot/snapshot.ts';
import { anything, readTrustedManifest } from '../../snapshot/manifest/read-manifest.ts';
import { isSigned } from '../../snapshot/manifest/signature.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';

/** With the SHA-256 of the manifest as it is stored. */
export const generatedReport = async (
  storage: Storage,
  manifest: SnapshotManifest,
  rest: Pick<SnapshotReport, 'unchanged' | 'durationMs'>,
): Promise<SnapshotReport> => {
  const {
    tables,
    foreignKeys: _,
    publicationMarks: _m,
    tableMarks: _t,
    definitions: _d,
    ...snapshot
  } = manifest;
  const { sha256 } = await readTrustedManifest(storage, anything);
  return {
    ...rest,
    location: storage.location,
    snapshot,
    manifestSha256: sha256,
    signed: await isSigned(storage),
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
    storedBytes: tables.reduce(
      (sum, { chunks }) => chunks.reduce((inner, { storedBytes }) => inner + storedBytes, sum),
      0,
    ),
  };
};
