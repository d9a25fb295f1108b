// Desired and live state into a plan: complete, diff, rules, order. No IO, no clock, no randomness.

import type { Address } from '../model/address.ts';
import type { FoundHazard } from '../model/hazard.ts';
import {
  type Plan,
  type PlanLimits,
  type PlannedStep,
  type PlanOptions,
  planFormatVersion,
  type Reinitialized,
  type Targeting,
  usualLimits,
} from '../model/plan.ts';
import type { DesiredState, LiveState } from '../model/state.ts';
import type { Step } from '../model/step.ts';
import type { StepExecution } from '../model/step-execution.ts';
import { contextOf } from './beginning.ts';
import { isKind, type PlanContext } from './context.ts';
import { deltasIn } from './deltas.ts';
import { withForeignCode } from './foreign-code.ts';
import { capacityHazards } from './hazards/capacity.ts';
import { foreignCodeHazards } from './hazards/foreign-code-hazards.ts';
import { loopHazards } from './hazards/loop.ts';
import { manualInitHazards } from './hazards/manual-init-hazards.ts';
import { privilegeHazards } from './hazards/privilege.ts';
import { schemaMismatch } from './hazards/schema-mismatch.ts';
import { nodeHazards } from './hazards/server-hazards.ts';
import { standingSlotHazards } from './hazards/slot-hazards.ts';
import { slotNameHazards } from './hazards/slot-names.ts';
import { takenSnapshotSlots } from './hazards/snapshot-hazards.ts';
import { tooNewHazards } from './hazards/too-new-hazards.ts';
import { workerSettingHazards } from './hazards/worker-settings.ts';
import { desiredInOrder, liveInOrder, optionsInOrder } from './in-order.ts';
import { assertComplete, order } from './order.ts';
import { withPlanId } from './plan-file.ts';
import { planChanges, planNodes, planObservations, planSummary } from './plan-parts.ts';
import { planCancels } from './rules/cancel.ts';
import { planDeltas } from './rules/index.ts';
import { withRenames } from './rules/rename.ts';
import type { RuleResult, StepDraft } from './rules/rule.ts';
import { afterSchemas } from './rules/schema-order.ts';
import { withLoggingOff } from './rules/statement-logging.ts';
import { installMetadata } from './rules/steps.ts';
import { isTargeted } from './target/named.ts';
import { type Narrowed, narrow } from './target/narrow.ts';

export interface PlanInput {
  readonly desired: DesiredState;
  readonly live: LiveState;
  readonly options: PlanOptions;
  /** Where the options choose a part: addresses that belong to it besides, as of a plan reviewed before. */
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

/** Whoever writes or deletes ownership needs the metadata of its node. */
const afterMetadata = (step: StepDraft): StepDraft => ({
  ...step,
  needs: [...step.needs, installMetadata.id(`${step.node}/metadata.steep_repl`)],
});

/** Registrations and metadata are given up when all else is done: until then they tell what is owned. */
const lastOfAll = (steps: readonly StepDraft[]): readonly StepDraft[] => {
  const rank = ({ kind }: StepDraft): number =>
    kind === 'drop-metadata' ? 2 : Number(kind === 'unregister-node');
  return steps.map((step) => {
    const before = steps.filter((other) => rank(other) < rank(step)).map(({ id }) => id);
    return { ...step, needs: [...step.needs, ...before] };
  });
};

const mismatches = (result: RuleResult, context: PlanContext): readonly FoundHazard[] => {
  // An edge that nothing touches is drift's business, not this plan's; nor does adoption touch one.
  const touching = result.steps.filter(({ kind }) => kind !== 'record-ownership');
  const touched = new Set(touching.map(({ address }) => address));
  return [...context.want.values()]
    .filter(isKind('subscription'))
    .filter(
      (sub) =>
        touched.has(sub.address) ||
        sub.spec.publications.some((pub) => touched.has(`${sub.spec.source}/publication.${pub}`)),
    )
    .flatMap((sub) => schemaMismatch(sub, context));
};

const findHazards = (result: RuleResult, context: PlanContext): readonly FoundHazard[] => [
  ...result.hazards,
  ...nodeHazards(context),
  ...standingSlotHazards(context),
  ...takenSnapshotSlots(context),
  ...tooNewHazards(context),
  ...slotNameHazards(result.steps, context),
  ...capacityHazards(result.steps, context),
  ...workerSettingHazards(result.steps, context),
  ...privilegeHazards(result.steps, context),
  ...loopHazards(context),
  ...manualInitHazards(context),
  ...mismatches(result, context),
  ...foreignCodeHazards(result.steps, context),
];

const withoutSentences = ({ requires: _requires, ...step }: StepDraft): Step => ({
  ...step,
  hazards: step.hazards.map(({ message: _message, ...hazard }) => hazard),
});

const inOrder = (
  { steps }: RuleResult,
  describe: (step: Step) => StepExecution,
): readonly PlannedStep[] => {
  assertComplete(steps);
  return order(steps.map(withoutSentences)).map((step) => ({ ...step, execution: describe(step) }));
};

/** What the topology accepts, and asks for, whoever applies it. */
const policyOf = ({ policy }: DesiredState): Pick<Plan, 'allowHazards' | 'maxLag' | 'strict'> => ({
  allowHazards: policy.allowHazards,
  maxLag: policy.maxLag,
  ...(policy.strict === true ? { strict: true } : {}),
});

/** The whole plan keeps everything. */
const wholeOf = (result: RuleResult): Omit<Narrowed, 'targeting'> => ({
  result,
  hazardsOf: (found) => found,
  errorsOf: (found) => found,
});

/** What the options ask for: all that differs, or a part of it and what that needs. */
const partOf = (
  { options, scope = [] }: PlanInput,
  context: PlanContext,
): Omit<Narrowed, 'targeting'> & { readonly targeting?: Targeting } => {
  const { steps, ...rest } =
    context.cancel.length > 0
      ? planCancels(context)
      : withRenames(planDeltas(deltasIn(context), context), context);
  const result = {
    ...rest,
    steps: lastOfAll(steps)
      .map(afterMetadata)
      .map((step) => withLoggingOff(step, context))
      .map((step) => afterSchemas(step, context))
      .map((step) => withForeignCode(step, context)),
  };
  return isTargeted(options) ? narrow({ options, scope, context, result }) : wholeOf(result);
};

/** Makes the plan. The same input gives the same plan and id, in whatever order things were read. */
export const makePlan = (given: PlanInput): Plan => {
  const input: PlanInput = {
    ...given,
    options: optionsInOrder(given.options),
    desired: desiredInOrder(given.desired),
    live: liveInOrder(given.live),
  };
  const { limits = usualLimits } = input;
  const { desired, live, options, reviewed = null } = input;
  const { context, errors, hazards, wish } = contextOf(desired, live, options, reviewed);
  const { result, hazardsOf, errorsOf, targeting } = partOf(input, context);
  const found = [
    ...hazardsOf([...hazards, ...findHazards(result, context)]),
    ...result.steps.flatMap((step) => step.hazards),
  ];
  const steps = inOrder(result, (step) => input.describe(step, limits));
  const { changes, standing } = planChanges(result.changes, found);
  const allErrors = errorsOf([...Object.values(input.live.unreadable), ...errors]);
  const blocked = found.some(({ severity }) => severity === 'block');
  const plan: Plan = {
    formatVersion: planFormatVersion,
    steepVersion: input.steepVersion,
    planId: '',
    applyable: allErrors.length === 0 && !blocked,
    options: input.options,
    limits,
    nodes: planNodes(input.desired, input.live),
    changes,
    steps,
    standing,
    errors: allErrors,
    summary: planSummary(changes, found),
    ...policyOf(input.desired),
    ...(targeting === undefined ? {} : { targeting }),
    ...(wish.length === 0 ? {} : { reinit: wish }),
    observed: planObservations(result.changes, found, context, input.elapsedMs, targeting),
  };
  return withPlanId(plan);
};
