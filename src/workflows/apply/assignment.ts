// What a run is to execute: a plan that passed the gate, and all that is open for it.

import type { Plan, PlannedStep } from '../../model/plan/plan.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { StepId } from '../../model/step/step.ts';
import type { OpenNodes } from '../nodes.ts';
import type { RunIdentity } from '../operation/run-identity.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import type { ApplyRequest } from './apply-request.ts';

export interface Assignment {
  readonly request: ApplyRequest;
  readonly project: Project;
  readonly nodes: OpenNodes;
  readonly identity: RunIdentity;
  readonly runtime: RuntimeEnvironment;
  /** What was agreed to. */
  readonly reviewed: Plan;
  /** What of it is still to do. */
  readonly steps: readonly PlannedStep[];
  /** What was there before them. */
  readonly before: LiveState;
  readonly done: readonly StepId[];
  /** What is left of it now, read from the servers. @throws SteepError: it cannot be continued. */
  readonly planRest: () => Promise<readonly PlannedStep[]>;
}
