// What happens during a run, as data: one stream for the terminal, the JSON log and --json.
// schemas/events.schema.json describes each line.

import type { InitEventBody } from './copy/init-event.ts';
import type { TableProgress } from './copy/table-progress.ts';
import type { OperationEventBody } from './operation/operation-event.ts';
import type { SnapshotEventBody } from './snapshot/snapshot-event.ts';
import type { NodeName } from './state/address.ts';
import type { StepId, StepKind } from './step/step.ts';

interface StepEvent {
  readonly step: StepId;
  readonly kind: StepKind;
  readonly node: NodeName;
}

export interface Blocker {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  readonly ageSeconds: number;
}

export type RunEventBody =
  | { readonly event: 'run.started'; readonly plan_id: string; readonly steps: number }
  | ({ readonly event: 'run.step_started'; readonly why: string } & StepEvent)
  | ({
      readonly event: 'run.step_progress';
      readonly message: string;
      readonly tables?: readonly TableProgress[];
    } & StepEvent)
  | ({ readonly event: 'run.step_done'; readonly duration_ms: number } & StepEvent)
  | ({ readonly event: 'run.step_skipped'; readonly reason: string } & StepEvent)
  | ({
      readonly event: 'run.step_failed';
      readonly code: string;
      readonly message: string;
    } & StepEvent)
  | ({
      readonly event: 'run.lock_wait';
      readonly attempt: number;
      readonly attempts: number;
      readonly blockers: readonly Blocker[];
    } & StepEvent)
  | {
      readonly event: 'run.converging';
      readonly message: string;
      readonly behind: readonly string[];
    }
  | { readonly event: 'run.converged'; readonly duration_ms: number }
  | {
      readonly event: 'run.finished';
      readonly outcome: RunOutcome;
      readonly exit_code: number;
      readonly done: number;
      readonly not_done: number;
    }
  | InitEventBody
  | OperationEventBody
  | SnapshotEventBody;

export type RunOutcome =
  | 'converged'
  | 'applied'
  | 'nothing-to-do'
  | 'partial'
  | 'failed'
  | 'interrupted'
  | 'not-converged';

export type EventLevel = 'debug' | 'info' | 'warn' | 'error';

/** An event as it is written: stamped by the run that emits it. */
export type RunEvent = RunEventBody & {
  readonly timestamp: string;
  readonly level: EventLevel;
  readonly run_id: string;
};

/** A statement that was sent to a server, as a log file has it: every command has these. */
export interface StatementEvent {
  readonly event: 'session.statement';
  readonly timestamp: string;
  readonly level: 'debug';
  readonly node: NodeName;
  /** Secrets are printed as `'***'`. */
  readonly statement: string;
}

/** A server does not answer, answers again, or its connection was ended: every command has these in its log file. */
export interface SilenceEvent {
  readonly event: 'session.silent';
  readonly timestamp: string;
  readonly level: 'warn';
  readonly node: NodeName;
  readonly message: string;
}

export type EmitEvent = (event: RunEventBody, level?: EventLevel) => void;
