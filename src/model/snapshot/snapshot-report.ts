// What `steep snapshot list` and `delete` tell of snapshots: found in storage, or on record on their source.

import type { SnapshotManifest } from './snapshot.ts';
import {
  type SnapshotRecord,
  type SnapshotStatus,
  summarizeSnapshot,
  totalsOf,
} from './snapshot-record.ts';

/** A slot as the server has it now. */
export interface AnchorSlot {
  readonly name: string;
  readonly active: boolean;
  /** `reserved`, `extended`, `unreserved`, or `lost`. */
  readonly walStatus: string | null;
  readonly confirmedFlushLsn: string | null;
  /** WAL that the server keeps for it. */
  readonly retainedBytes: number | null;
}

/**
 * kept: subscriptions can begin with the snapshot. Lost: the server has removed WAL that they would need. Moved: a user
 * has read it. Missing: it was dropped.
 */
export type AnchorState = 'kept' | 'active' | 'moved' | 'lost' | 'missing';

const judgeAnchor = (slot: AnchorSlot | null, lsn: string | null): AnchorState => {
  if (slot === null) return 'missing';
  if (slot.walStatus === 'lost') return 'lost';
  if (slot.active) return 'active';
  return lsn === null || slot.confirmedFlushLsn === lsn ? 'kept' : 'moved';
};

export interface AnchorReport {
  readonly state: AnchorState;
  readonly walStatus: string | null;
  readonly retainedBytes: number | null;
}

export const anchorReport = (slot: AnchorSlot | null, lsn: string | null): AnchorReport => ({
  state: judgeAnchor(slot, lsn),
  walStatus: slot?.walStatus ?? null,
  retainedBytes: slot?.retainedBytes ?? null,
});

/** One line of a list. Null: not known. */
export interface SnapshotEntry {
  readonly snapshotId: string | null;
  readonly status: SnapshotStatus | 'unfinished' | 'damaged';
  /** RFC 3339 UTC. */
  readonly createdAt: string | null;
  readonly node: string | null;
  readonly lsn: string | null;
  readonly tables: number | null;
  readonly rows: number | null;
  /** As COPY sent the rows, and as they are stored. */
  readonly bytes: number | null;
  readonly storedBytes: number | null;
  readonly compression: string | null;
  readonly slot: string | null;
  /** Null: there is no slot, or its source was not asked. */
  readonly anchor: AnchorReport | null;
  readonly location: string;
  /** Why it is damaged, or has failed. */
  readonly error: string | null;
}

export interface SnapshotList {
  /** Where they were looked for; null: on record. */
  readonly location: string | null;
  readonly snapshots: readonly SnapshotEntry[];
}

export const entryOfManifest = (manifest: SnapshotManifest, location: string): SnapshotEntry => {
  const { snapshotId, createdAt, source, slot, lsn, compression } = manifest;
  return {
    snapshotId,
    status: 'complete',
    createdAt,
    node: source.node,
    lsn,
    tables: manifest.tables.length,
    ...totalsOf(summarizeSnapshot(manifest)),
    compression,
    slot,
    anchor: null,
    location,
    error: null,
  };
};

export const entryOfRecord = (
  record: SnapshotRecord,
  anchor: AnchorReport | null,
): SnapshotEntry => ({
  snapshotId: record.snapshotId,
  status: record.silent ? 'unfinished' : record.status,
  createdAt: record.startedAt,
  node: record.node,
  lsn: record.lsn,
  tables: record.tablesTotal,
  rows: record.rows,
  bytes: record.bytesDone,
  storedBytes: record.storedBytes,
  compression: record.compression,
  slot: record.slot,
  anchor,
  location: record.location,
  error: record.error,
});

/** Newest first; those of which it is not known when they were made come last. */
export const newestFirst = (entries: readonly SnapshotEntry[]): readonly SnapshotEntry[] =>
  entries.toSorted(
    (a, b) => compare(b.createdAt ?? '', a.createdAt ?? '') || compare(a.location, b.location),
  );

const compare = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

export interface SnapshotFiles {
  readonly count: number;
  readonly bytes: number;
}

/** What a deletion takes away, before anybody agrees to it. */
export interface Deletion {
  readonly snapshotId: string | null;
  readonly location: string;
  readonly status: SnapshotEntry['status'];
  readonly createdAt: string | null;
  readonly lsn: string | null;
  /** That go. Null: from here, none is known to be its own. */
  readonly files: SnapshotFiles | null;
  /** Files that are not of the snapshot: they stay. */
  readonly foreignFiles: readonly string[];
  /** Null: there is none, or it is kept. */
  readonly slot: {
    readonly name: string;
    readonly node: string;
    readonly anchor: AnchorReport;
  } | null;
  /** A slot that is not dropped. */
  readonly keptSlot: string | null;
  /** The backend that still holds its snapshot. */
  readonly holder: { readonly pid: number; readonly application: string } | null;
}

export type DeletionOutcome = 'deleted' | 'declined';

export interface DeletionReport extends Deletion {
  readonly outcome: DeletionOutcome;
}

/** What steep snapshot apply has loaded, where no subscription follows. */
export interface LoadReport {
  readonly node: string;
  readonly location: string;
  readonly snapshotId: string;
  readonly slot: string | null;
  readonly publications: readonly string[];
  /** Tables whose other rows are gone. */
  readonly emptied: readonly string[];
  readonly tables: number;
  /** Of this run: what was there already does not count. */
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}
