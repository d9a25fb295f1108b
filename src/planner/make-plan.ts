// Desired and live state into a plan, in five stages: both sides complete, their differences, the steps of the rules, what
// every plan adds to them, and their order. No IO, no clock, no randomness.

import {
  type Plan,
  type PlanLimits,
  type PlannedStep,
  type PlanOptions,
  planFormatVersion,
  type Reinitialized,
  usualLimits,
} from '../model/plan/plan.ts';
import type { Address } from '../model/state/address.ts';
import type { DesiredState, LiveState } from '../model/state/state.ts';
import type { Step } from '../model/step/step.ts';
import type { StepExecution } from '../model/step/step-execution.ts';
import { buildContext } from './context/build-context.ts';
import type { PlanContext } from './context/context.ts';
import { desiredInOrder, liveInOrder, optionsInOrder } from './context/in-order.ts';
import { deltasIn } from './deltas.ts';
import type { RuleResult, StepDraft } from './draft.ts';
import { findHazards } from './hazards/index.ts';
import { assertNeedsPlanned, order } from './order.ts';
import { withPlanId } from './plan/plan-file.ts';
import { planChanges, planNodes, planObservations, planSummary } from './plan/plan-parts.ts';
import { rewriteSteps } from './rewrites.ts';
import { planCancels } from './rules/copy/cancel.ts';
import { planDeltas } from './rules/index.ts';
import { withRenames } from './rules/publication/rename.ts';
import { planSingle } from './single/plan-single.ts';
import { isTargeted } from './target/named.ts';
import { everything, type Narrowed, narrow } from './target/narrow.ts';

export interface PlanInput {
  readonly desired: DesiredState;
  readonly live: LiveState;
  readonly options: PlanOptions;
  /** Where the options choose a part: addresses that also belong to it, as of a plan reviewed before. */
  readonly scope?: readonly Address[];
  /** What a plan that was agreed to asked to initialize again; without it, the options ask now. */
  readonly reviewed?: readonly Reinitialized[];
  readonly steepVersion: string;
  /** Milliseconds that reading the servers took. */
  readonly elapsedMs: number;
  /** How a step is executed: given from outside, since SQL is not the planner's business. */
  readonly describe: (step: Step, limits: PlanLimits) => StepExecution;
  /** The usual ones unless told. */
  readonly limits?: PlanLimits;
}

const withoutSentences = ({ requires: _requires, ...step }: StepDraft): Step => ({
  ...step,
  hazards: step.hazards.map(({ message: _message, ...hazard }) => hazard),
});

const inOrder = (
  { steps }: RuleResult,
  describe: (step: Step) => StepExecution,
): readonly PlannedStep[] => {
  assertNeedsPlanned(steps);
  return order(steps.map(withoutSentences)).map((step) => ({ ...step, execution: describe(step) }));
};

/** What the topology accepts, and asks for, whichever role applies it. */
const policyOf = ({ policy }: DesiredState): Pick<Plan, 'allowHazards' | 'maxLag' | 'strict'> => ({
  allowHazards: policy.allowHazards,
  maxLag: policy.maxLag,
  ...(policy.strict === true ? { strict: true } : {}),
});

const ruled = (context: PlanContext, { change }: PlanOptions): RuleResult => {
  if (change !== undefined) return planSingle(change, context);
  if (context.cancel.length > 0) return planCancels(context);
  return withRenames(planDeltas(deltasIn(context), context), context);
};

/** Changes and steps of the rules, as far as the options ask for them. */
const planned = (
  context: PlanContext,
  { options, scope = [] }: Pick<PlanInput, 'options' | 'scope'>,
): Narrowed => {
  const { steps, ...rest } = ruled(context, options);
  const result = { ...rest, steps: rewriteSteps(steps, context) };
  return isTargeted(options) ? narrow({ options, scope, context, result }) : everything(result);
};

export interface PlannedSteps {
  readonly steps: readonly StepDraft[];
  readonly context: PlanContext;
}

/** What a plan would do, and what that was decided on. */
export const planSteps = (
  desired: DesiredState,
  live: LiveState,
  options: PlanOptions,
): PlannedSteps => {
  const { context } = buildContext(desired, live, options);
  return { steps: planned(context, { options }).result.steps, context };
};

const normalized = (input: PlanInput): PlanInput => ({
  ...input,
  options: optionsInOrder(input.options),
  desired: desiredInOrder(input.desired),
  live: liveInOrder(input.live),
});

/** Makes the plan. The same input gives the same plan and id, in whatever order things were read. */
export const makePlan = (given: PlanInput): Plan => {
  const input = normalized(given);
  const { desired, live, options, reviewed = null, limits = usualLimits } = input;
  const { context, errors, hazards, reinitRequest } = buildContext(
    desired,
    live,
    options,
    reviewed,
  );
  const { result, hazardsOf, errorsOf, targeting } = planned(context, input);
  const found = [
    ...hazardsOf([...hazards, ...findHazards(result, context)]),
    ...result.steps.flatMap((step) => step.hazards),
  ];
  const { changes, standing } = planChanges(result.changes, found);
  const allErrors = errorsOf([...Object.values(live.unreadable), ...errors]);
  const blocked = found.some(({ severity }) => severity === 'block');
  return withPlanId({
    formatVersion: planFormatVersion,
    steepVersion: input.steepVersion,
    planId: '',
    applyable: allErrors.length === 0 && !blocked,
    options,
    limits,
    nodes: planNodes(desired, live),
    changes,
    steps: inOrder(result, (step) => input.describe(step, limits)),
    standing,
    errors: allErrors,
    summary: planSummary(changes, found),
    ...policyOf(desired),
    ...(targeting === undefined ? {} : { targeting }),
    ...(reinitRequest.length === 0 ? {} : { reinit: reinitRequest }),
    observed: planObservations(result.changes, found, context, input.elapsedMs, targeting),
  });
};
