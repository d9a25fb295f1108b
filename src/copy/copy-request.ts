// What the copy engine is asked for, and what it answers.

import { copyChunkBytes } from '../model/copy/copy-chunk.ts';
import type { CopyProgress } from '../model/copy/init-progress.ts';
import type { QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Dump, DumpRequest } from '../postgres/connect/pg-dump.ts';
import type { LockWaitPolicy } from '../postgres/retry/watch-locks.ts';
import type { Session } from '../postgres/session.ts';
import type { CodeGuard } from './check/code-guard.ts';
import type { SeenTables } from './check/seen-tables.ts';
import type { CheckSlot } from './check/watch-slot.ts';
import type { HeldSnapshot } from './read/hold-snapshot.ts';

export interface CopyTableEvent {
  readonly kind: 'started' | 'completed' | 'failed';
  readonly table: QualifiedName;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly error?: string;
}

/** Tables that are to be filled, wherever their rows come from. */
export interface FillRequest {
  /** The target. */
  readonly node: NodeName;
  /** Under which the copy checkpoints keep what is there. */
  readonly subscription: string;
  readonly runId: string;
  /** As pg_subscription_rel will list them: roots where they are published by their root. */
  readonly tables: readonly QualifiedName[];
  /**
   * Each has a session to the target, and one to the source; the engine needs one more to the target, and one for each
   * table of a role that is not trusted while several workers fill it.
   */
  readonly workers: number;
  /** New sessions of the engine's own; it closes them. */
  readonly openTarget: () => Promise<Session>;
  readonly locks: LockWaitPolicy;
  readonly guard: CodeGuard;
  /** Learns what the tables are made of when their rows are proven; absent: no subscription follows in this run. */
  readonly seen?: SeenTables;
  readonly signal: AbortSignal;
  /** Milliseconds since any fixed point. */
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** At most four times a second. */
  readonly onProgress: (progress: CopyProgress) => void;
  readonly onTable: (event: CopyTableEvent) => void;
  readonly tuning?: Partial<CopyTuning>;
  /** The tables are not read at the end to prove that they hold exactly the rows that were copied. */
  readonly unchecked?: true;
}

/** From a server: it needs two more sessions to it than it has workers. */
export interface CopyRequest extends FillRequest {
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly snapshot: HeldSnapshot;
  readonly openSource: () => Promise<Session>;
  /** On a session of openSource, every few seconds: a doubt ends the copy. */
  readonly checkSlot: CheckSlot;
  /** Large tables that pg_dump reads; absent: none. Not with holdTables. */
  readonly dumps?: Dumps;
  /** Every table is held in ACCESS SHARE mode until the last row is read; absent: each only while it is read. */
  readonly holdTables?: true;
  /** Takes a lease with a session to the target, so that workers of other processes may join; absent: none may. */
  readonly lease?: (session: Session) => Promise<number>;
}

export interface Dumps {
  readonly tables: readonly QualifiedName[];
  /** Starts one, at the source. */
  readonly open: OpenDump;
}

export type OpenDump = (request: DumpRequest) => Promise<Dump>;

/** Sizes at which the engine behaves otherwise. */
export interface CopyTuning {
  /** Bytes of a table that travel in one transaction. */
  readonly chunkBytes: number;
  /** Tables of at least so many bytes get their indexes after their rows. */
  readonly deferFromBytes: number;
  /** For building indexes, as PostgreSQL writes sizes; null: from shared_buffers of the target. */
  readonly maintenanceWorkMem: string | null;
}

export const defaultTuning: CopyTuning = {
  chunkBytes: copyChunkBytes,
  deferFromBytes: 10 * 1024 * 1024,
  maintenanceWorkMem: null,
};

export interface CopyResult {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}
