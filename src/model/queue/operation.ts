// An operation of the queue: steep_repl.work_queue as it is read, and as commands print it.

import type { NodeName } from '../state/address.ts';

export const queuedKinds = ['snapshot', 'apply', 'init', 'verify', 'merge'] as const;

/** The command that it is: snapshot generate, snapshot apply or apply, init auto, verify; merge: apply of a pair. */
export type QueuedKind = (typeof queuedKinds)[number];

export const workStatuses = ['pending', 'running', 'complete', 'failed', 'cancelled'] as const;

export type WorkStatus = (typeof workStatuses)[number];

/** What names the operation, whatever it does. */
export interface QueuedWork {
  readonly id: number;
  readonly operation: string;
  /** The node that it reads or changes; it is in the queue of this node. */
  readonly node: NodeName;
  /** As the functions of steep_repl, or anyone who may add to the table, wrote them: not to be trusted. */
  readonly params: Readonly<Record<string, unknown>>;
  /** How often it was begun, this time included. */
  readonly attempts: number;
  readonly maxAttempts: number;
}

/** Times are UTC, as `2026-01-31T12:04:05Z`. */
export interface OperationReport extends QueuedWork {
  readonly status: WorkStatus;
  readonly queuedBy: string;
  readonly queuedAt: string;
  readonly runAfter: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** The worker that has it, or had it last. */
  readonly worker: string | null;
  /** False: nobody runs it; if it is running, the next worker resumes it. */
  readonly hasWorker: boolean;
  readonly cancelRequested: boolean;
  readonly runIds: readonly string[];
  /** How far its last run is: of each initial copy into the node, and of a snapshot. Empty: nothing has been told yet. */
  readonly progress: readonly WorkProgress[];
  /** Why the last attempt ended. */
  readonly error: WorkFailure | null;
}

export interface WorkProgress {
  /** The subscription, or the name of the snapshot. */
  readonly of: string;
  readonly phase: string;
  /** 0 to 100; null: it is not known. */
  readonly percent: number | null;
  readonly etaSeconds: number | null;
}

export interface WorkFailure {
  readonly code: string;
  readonly message: string;
  readonly cures: readonly string[];
}

/** Nothing will change any more. */
export const isOver = ({ status }: Pick<OperationReport, 'status'>): boolean =>
  status !== 'pending' && status !== 'running';

/** What the live screen shows of an operation. */
export interface QueueLook
  extends Pick<
    OperationReport,
    | 'id'
    | 'operation'
    | 'status'
    | 'attempts'
    | 'maxAttempts'
    | 'queuedBy'
    | 'worker'
    | 'hasWorker'
    | 'cancelRequested'
  > {
  readonly errorCode: string | null;
  readonly errorText: string | null;
}
