// What is known of a snapshot on storage before a subscription is filled from it, or why nothing is.

import type { ChangedTable } from '../copy/changed-table.ts';
import type { PublicationMark } from '../copy/manual-init.ts';
import type { QualifiedName } from '../identifier.ts';
import type { SnapshotManifest, SnapshotTable } from './snapshot.ts';

/** A manifest as it concerns a plan, and its tables as the source has them now. */
export interface SnapshotFacts
  extends Omit<SnapshotManifest, 'tables' | 'schema' | 'sequences' | 'definitions' | 'tableMarks'> {
  /** Of the bytes of manifest.json: a plan is about this snapshot and no other. */
  readonly manifestSha256: string;
  readonly tables: readonly Omit<SnapshotTable, 'chunks'>[];
  /** By formatName, of those tables that are still there. */
  readonly now: Readonly<Record<string, TableNow>>;
  /** Tables of it that are others by now, or have other partitions. */
  readonly replaced: readonly ChangedTable[];
  /** The publications of the subscription, as far as they are there. */
  readonly marksNow: readonly PublicationMark[];
}

/** A table of the snapshot on its source, as it is now. */
export interface TableNow {
  readonly strictFingerprint: string;
  readonly replicationFingerprint: string;
  /** As the publications of the subscription send it; null: they do not, or not with one list of columns. */
  readonly sent: { readonly columns: readonly string[]; readonly filter: string | null } | null;
}

export type SnapshotReading =
  | { readonly facts: SnapshotFacts; readonly fault: null }
  | { readonly facts: null; readonly fault: SnapshotFault };

/** One sentence, and what to do. */
export interface SnapshotFault {
  readonly message: string;
  readonly cures: readonly string[];
}

/** What the copy checkpoints of a node has of one snapshot. */
export interface SnapshotLoad {
  readonly checkpointsKey: string;
  /** Tables whose rows are all there, as of the position where the slot begins. */
  readonly finished: readonly QualifiedName[];
  /** Tables that hold rows of it, the finished ones among them. */
  readonly filled: readonly QualifiedName[];
  /** Of these, what does not hold exactly the copied rows any more; absent: nothing, or it was not read. */
  readonly changed?: readonly ChangedTable[];
}
