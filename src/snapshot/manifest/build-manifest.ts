// Puts the manifest together from what was planned and what was stored. Pure.

import { createHash } from 'node:crypto';
import type { Transfer } from '../../copy/fill/copy-table.ts';
import type { PublicationMark } from '../../model/copy/manual-init.ts';
import type { TableMark } from '../../model/copy/table-mark.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type {
  SnapshotChunk,
  SnapshotDefinitions,
  SnapshotManifest,
  SnapshotTable,
  SnapshotText,
} from '../../model/snapshot/snapshot.ts';
import type { JournalHeader } from './journal.ts';

export interface TableFingerprints {
  readonly strict: string;
  readonly replication: string;
}

export interface ManifestParts {
  readonly header: JournalHeader;
  readonly steepVersion: string;
  readonly transfers: readonly Transfer[];
  readonly chunkOf: (table: number, number: number) => SnapshotChunk | undefined;
  readonly fingerprintsOf: (table: QualifiedName) => TableFingerprints | undefined;
  readonly foreignKeys: readonly string[];
  readonly publicationMarks: readonly PublicationMark[];
  readonly tableMarks: readonly TableMark[];
  readonly definitions: SnapshotDefinitions;
  /** Texts of these files. */
  readonly schema: string;
  readonly sequences: string;
}

export const buildManifest = (parts: ManifestParts): SnapshotManifest => {
  const { snapshotId, createdAt, source, slot, lsn, choice } = parts.header;
  const tables = parts.transfers.map((transfer) => tableOf(transfer, parts));
  const shares = tables.some(({ chunks }) => chunks.some(({ offset }) => offset !== undefined));
  return {
    formatVersion: shares ? 2 : 1,
    steepVersion: parts.steepVersion,
    snapshotId,
    createdAt,
    source,
    slot,
    lsn,
    publications: choice.publications,
    publicationMarks: parts.publicationMarks,
    tableMarks: parts.tableMarks,
    compression: choice.compression,
    tables,
    foreignKeys: parts.foreignKeys,
    definitions: parts.definitions,
    schema: textOf(parts.schema),
    sequences: textOf(parts.sequences),
  };
};

const tableOf = (
  { index, table, format, chunks: planned }: Transfer,
  { chunkOf, fingerprintsOf }: ManifestParts,
): SnapshotTable => {
  const chunks = planned.map(({ number }) => {
    const stored = chunkOf(index, number);
    if (stored === undefined) throw new Error(`chunk ${number} of ${formatName(table.name)}`);
    return stored;
  });
  const fingerprints = fingerprintsOf(table.name);
  return {
    ...table.name,
    columns: table.columns.map(({ name, wire }) => ({ name, wire })),
    filter: table.filter,
    format,
    strictFingerprint: fingerprints?.strict ?? '',
    replicationFingerprint: fingerprints?.replication ?? '',
    rows: chunks.reduce((sum, { rows }) => sum + rows, 0),
    bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0),
    size: table.bytes,
    chunks,
  };
};

const textOf = (text: string): SnapshotText => ({
  bytes: Buffer.byteLength(text),
  sha256: createHash('sha256').update(text).digest('hex'),
});
