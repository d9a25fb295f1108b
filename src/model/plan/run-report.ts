// How a run ended: each step with what became of it.

import type { RunOutcome } from '../event.ts';
import type { NodeName } from '../state/address.ts';
import type { StepId, StepKind } from '../step/step.ts';
import type { ExitCode } from './exit-code.ts';

/** `skipped`: already done before; `in-doubt`: the answer of the server never came. */
export type StepStatus = 'done' | 'skipped' | 'failed' | 'in-doubt' | 'not-started';

export interface StepReport {
  readonly id: StepId;
  readonly kind: StepKind;
  readonly node: NodeName;
  readonly status: StepStatus;
  readonly durationMs: number | null;
  readonly error: RunFailure | null;
}

export interface RunFailure {
  readonly code: string;
  readonly message: string;
  readonly suggestions: readonly string[];
}

export interface RunReport {
  readonly runId: string;
  readonly planId: string;
  readonly outcome: RunOutcome;
  readonly exit: ExitCode;
  readonly steps: readonly StepReport[];
  /** The plan was of a part: the topology may still differ. */
  readonly targeted?: true;
  /** The rows that it copied were not proven to be what the tables hold: --no-check. */
  readonly unchecked?: true;
  /** What is still behind when the time for convergence was over: one sentence each. */
  readonly behind: readonly string[];
  /** What an interrupted run could not remove, and why: one sentence for each copy. Absent: nothing is left. */
  readonly left?: readonly string[];
  readonly durationMs: number;
}
