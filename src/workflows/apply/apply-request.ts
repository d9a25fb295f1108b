// What is asked of an apply, and what comes of it.

import type { RunLimits } from '../../executors/executor.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import type { Plan, PlanLimits, PlanOptions } from '../../model/plan/plan.ts';
import type { RunReport } from '../../model/plan/run-report.ts';
import type { Allowed } from '../../run/consent.ts';
import type { RunRequest } from '../operation/open-run.ts';

/** What the person at the terminal, or a flag, said to a plan. */
export interface Approval {
  readonly approved: boolean;
  /** Dangers agreed to at the prompt. */
  readonly allowed: readonly Allowed[];
}

export interface ApplyRequest extends RunRequest {
  readonly file: string;
  /** A saved plan; null: plan now. */
  readonly planFile: string | null;
  /** The id of the plan that was reviewed, made now or saved; null: any. */
  readonly expectPlanId: string | null;
  readonly options: PlanOptions;
  /** False: servers are not asked what copies will take. */
  readonly probe?: boolean;
  readonly allowed: readonly Allowed[];
  /** Warnings need consent too. */
  readonly strict: boolean;
  /** A saved plan has its own for locks and slots. */
  readonly limits: RunLimits;
  /** Of those, the ones that a user asked for by name: a saved plan must say the same. */
  readonly givenLimits?: Partial<PlanLimits>;
  /** Wait for copies and convergence. */
  readonly wait: boolean;
  /** Shows the plan that is about to run, whichever way it came. */
  readonly show: (plan: Plan) => void;
  /** Asks about the plan that was shown, and what of it needs consent; not called for one that was reviewed elsewhere. */
  readonly approve: (hazards: readonly Hazard[]) => Promise<Approval>;
}

export interface ApplyResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly plan: Plan | null;
  /** Null: it was declined, or there was nothing to do and no edge is broken. */
  readonly report: RunReport | null;
  readonly declined: boolean;
}
