// What a source node remembers of the snapshots that were made of it: a row of steep_repl.snapshots.

import { formatName } from '../identifier.ts';
import type { NodeName } from '../state/address.ts';
import type { SnapshotManifest } from './snapshot.ts';

export type SnapshotStatus = 'generating' | 'complete' | 'failed' | 'deleted';

/** How far a snapshot is. */
export interface SnapshotProgress {
  /** As people read it. */
  readonly phase: string;
  readonly tablesTotal: number;
  readonly tablesDone: number;
  readonly rows: number;
  /** As COPY sends them; null: not known yet. */
  readonly bytesTotal: number | null;
  readonly bytesDone: number;
  readonly storedBytes: number;
}

export interface SummarizedTable {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly storedBytes: number;
}

/** The manifest without its chunks. */
export interface SnapshotSummary {
  readonly tables: readonly SummarizedTable[];
}

/** Times are RFC 3339 UTC. */
export interface SnapshotRecord extends Omit<SnapshotProgress, 'phase'> {
  readonly snapshotId: string;
  readonly node: NodeName;
  /** Null: there is none. */
  readonly slot: string | null;
  /** Null: the slot was still being made. */
  readonly lsn: string | null;
  /** A directory of the machine that made it, or s3://bucket/prefix. */
  readonly location: string;
  readonly status: SnapshotStatus;
  /** It is generated, and no progress was reported for a minute: its run was stopped. */
  readonly silent: boolean;
  readonly phase: string | null;
  readonly compression: string;
  readonly publications: readonly string[];
  readonly summary: SnapshotSummary | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly completedAt: string | null;
  readonly error: string | null;
}

/** One that is being made on its source, or loaded into a node: what an onlooker is shown. */
export type SnapshotUnderWay = { readonly operation: 'generate' | 'apply' } & Pick<
  SnapshotRecord,
  | 'snapshotId'
  | 'node'
  | 'silent'
  | 'phase'
  | 'tablesTotal'
  | 'tablesDone'
  | 'rows'
  | 'bytesTotal'
  | 'bytesDone'
  | 'startedAt'
  | 'updatedAt'
>;

interface Weighed {
  readonly rows: number;
  readonly bytes: number;
  readonly storedBytes: number;
}

const sum = (parts: readonly Weighed[]): Weighed =>
  parts.reduce(
    (total, part) => ({
      rows: total.rows + part.rows,
      bytes: total.bytes + part.bytes,
      storedBytes: total.storedBytes + part.storedBytes,
    }),
    { rows: 0, bytes: 0, storedBytes: 0 },
  );

export const summarizeSnapshot = ({ tables }: SnapshotManifest): SnapshotSummary => ({
  tables: tables.map((table) => ({ table: formatName(table), ...sum(table.chunks) })),
});

/** Rows and bytes of all of it. */
export const totalsOf = ({ tables }: SnapshotSummary): Weighed => sum(tables);
