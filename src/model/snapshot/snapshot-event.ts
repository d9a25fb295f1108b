// What happens to a snapshot while a command generates, applies or deletes it, as events. Each command is a run of its
// own. The names are those of the audit log in steep_repl, the fields those of the events of an initial copy.

import type { CopyPhase } from '../copy/copy-progress.ts';
import type { Movement } from '../copy/init-event.ts';
import type { NodeName } from '../state/address.ts';

/** As in `steep snapshot generate`. */
export type SnapshotOperation = 'generate' | 'apply' | 'delete';

/** Which snapshot, and what is done with it. What is null was not known before the command failed. */
export interface SnapshotSubject {
  readonly operation: SnapshotOperation;
  readonly snapshot_id: string | null;
  /** The node that is filled; of the other operations the one that the snapshot is made of. */
  readonly node_id: NodeName | null;
  /** As Storage says it: never with credentials. */
  readonly location: string | null;
}

/** The whole of a snapshot, or what was loaded of it. */
export interface SnapshotCompleted {
  readonly event: 'snapshot.completed';
  readonly tables_total: number;
  readonly rows_copied: number;
  readonly bytes_copied: number;
  /** Null: it was not stored but loaded. */
  readonly stored_bytes: number | null;
  readonly duration_ms: number;
}

export interface SnapshotDeleted {
  readonly event: 'snapshot.deleted';
  /** Null, as its bytes: from there, none could be told to be its own. */
  readonly files: number | null;
  readonly bytes: number | null;
  /** That was dropped. */
  readonly slot: string | null;
}

/** How a command on a snapshot ends that does not fail. */
export type SnapshotEnding =
  | SnapshotCompleted
  /** It was there already: nothing was done. */
  | { readonly event: 'snapshot.unchanged' }
  | SnapshotDeleted;

/** What is told of a snapshot, in addition to its identity. */
export type SnapshotNews =
  | {
      readonly event: 'snapshot.started';
      readonly slot: string | null;
      readonly lsn: string;
      readonly tables_total: number;
      /** It continues where an earlier run was stopped. */
      readonly resumed: boolean;
    }
  | {
      readonly event: 'snapshot.verifying';
      readonly bytes_done: number;
      readonly bytes_total: number;
    }
  /** Its phase is never `catching_up`: no subscription follows. */
  | ({ readonly event: 'snapshot.progress'; readonly phase: CopyPhase } & Movement)
  | { readonly event: 'snapshot.table_started'; readonly table: string }
  | {
      readonly event: 'snapshot.table_complete';
      readonly table: string;
      readonly rows_copied: number;
      readonly bytes_copied: number;
      readonly duration_ms: number;
    }
  | { readonly event: 'snapshot.table_failed'; readonly table: string; readonly error: string }
  | { readonly event: 'snapshot.failed'; readonly code: string; readonly error: string }
  | SnapshotEnding;

export type SnapshotEventBody = SnapshotNews & SnapshotSubject;
