// Subscriptions: created on a slot that is there, changed in place, dropped without their slot.

import type { ChangeDetail } from '../../../model/plan/plan.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { desiredSubscription, have, type PlanContext } from '../../context/context.ts';
import { combine, nothing, type RuleResult } from '../../draft.ts';
import { replaceReason, slotAddress } from '../../facts/edges.ts';
import { initialCopyOf, newSlotOptions } from '../../facts/new-copy.ts';
import { removalPolicyOf } from '../../facts/removal-policy.ts';
import { replacedByHand } from '../../hazards/copy/manual-init-hazards.ts';
import { droppedSynchronous } from '../../hazards/edge/edge-settings.ts';
import { foreignHazard, protectedHazard } from '../../hazards/edge/protection.ts';
import {
  createdSubscriptionHazards,
  droppedSubscriptionHazards,
  replacedSubscriptionHazards,
} from '../../hazards/edge/subscription-hazards.ts';
import { copiedBefore, initialCopyNeeds } from '../copy/initial-copy-steps.ts';
import { enableAfterMerge, mergeSteps, waitingState } from '../copy/merge-steps.ts';
import { pairNeeds, verifySteps } from '../copy/pair-steps.ts';
import { firstState, forgetSteps, startSteps } from '../copy/restored.ts';
import { forget } from '../metadata/forget.ts';
import { noLongerDeclared, ownershipOf, type Rule } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from './edge-steps.ts';
import { planAlterations } from './subscription-alter.ts';
import { nonDefaultOptions, tryStep } from './try-subscription.ts';

type Subscription = ResourceOf<'subscription'>;

/** What must be there before a subscription is created. */
const needsOf = (desired: Subscription, context: PlanContext): readonly StepId[] => [
  ...publicationSteps(desired),
  steps.createSlot.id(slotAddress(desired) ?? ''),
  ...pairNeeds(desired, context),
  ...initialCopyNeeds(desired),
];

const createStep = (desired: Subscription, after: readonly StepId[], context: PlanContext) => {
  const { node, address, name: subscription, spec } = desired;
  const { source, slot, publications } = spec;
  if (source === null || slot === null) return [];
  const first = initialCopyOf(desired, context);
  const restored = desiredSubscription(context, node, subscription)?.restored;
  const { enabled, owns } = waitingState(desired, context) ?? firstState(desired, context);
  const forget = forgetSteps(desired, context);
  return [
    ...forget,
    steps.createSubscription(
      {
        node,
        address,
        why: `subscription ${subscription} does not exist`,
        afterIfPlanned: [...after, ...needsOf(desired, context), ...forget.map(({ id }) => id)],
        ...(first.way === 'continue' && { continues: steps.copyTables.id(address) }),
        hazards: createdSubscriptionHazards(desired, context),
        owns,
      },
      {
        subscription,
        source,
        publications,
        slot,
        enabled,
        copyData: first.way === 'native',
        copied: copiedBefore(desired, first, context),
        ...(restored && { restored: true as const }),
        options: nonDefaultOptions(desired, context),
      },
    ),
    ...startSteps(desired, context),
    ...mergeSteps(desired, context),
    ...enableAfterMerge(desired, context),
  ];
};

/** The connection that steep uses itself is that of its node, which a plan shows anyway. */
const separateConnection = (
  { node, name }: Subscription,
  context: PlanContext,
): readonly ChangeDetail[] => {
  const sub = desiredSubscription(context, node, name);
  return sub?.replicationConnection === true && sub.connection !== undefined
    ? [{ field: 'connection', after: sub.connection }]
    : [];
};

const create = (desired: Subscription, context: PlanContext): RuleResult => ({
  ...nothing,
  changes: [
    {
      resource: desired,
      action: 'create',
      summary: `from ${desired.spec.source ?? '?'}`,
      details: [
        { field: 'publications', added: desired.spec.publications, removed: [] },
        ...(desired.spec.slot === desired.name
          ? []
          : [{ field: 'slot', after: desired.spec.slot ?? 'none' }]),
        ...(desired.spec.enabled ? [] : [{ field: 'enabled', after: 'false' }]),
        ...(desired.protect ? [{ field: 'protect', after: 'true' }] : []),
        ...separateConnection(desired, context),
        ...Object.entries(nonDefaultOptions(desired, context)).map(([field, after]) => ({
          field,
          after,
        })),
      ],
    },
  ],
  steps: [
    ...tryStep(desired, context),
    ...verifySteps(desired, context),
    ...createStep(desired, [], context),
  ],
});

const dropStep = (
  live: Subscription,
  why: string,
  context: PlanContext,
  after: readonly StepId[] = [],
) =>
  steps.dropSubscription(
    {
      node: live.node,
      address: live.address,
      why,
      afterIfPlanned: after,
      hazards: [
        ...protectedHazard(live),
        ...droppedSubscriptionHazards(live, context),
        ...droppedSynchronous(live, context),
      ],
      forgets: [live.address],
    },
    { subscription: live.name },
  );

/** What the slot of a leaving subscription waits for, and what waits for the slot. */
const slotOfLeaver = (live: Subscription, context: PlanContext) => {
  const address = slotAddress(live);
  const slot = address === null ? undefined : context.have.get(address);
  if (address === null || slot?.kind !== 'slot' || !slot.owned) return { first: [], stop: false };
  const policy = removalPolicyOf(slot, context);
  const follows = policy.action !== 'stay' && policy.follows;
  return {
    first: follows ? [steps.dropSlot.id(address), steps.recordOwnership.id(address)] : [],
    stop: follows && policy.action === 'drop' && live.spec.enabled,
  };
};

const drop = (live: Subscription, context: PlanContext): RuleResult => {
  const policy = removalPolicyOf(live, context);
  if (policy.action === 'stay') return noLongerDeclared(live);
  const { node, address, name: subscription } = live;
  const why = `subscription ${live.name}: ${policy.why}`;
  const { first, stop } = slotOfLeaver(live, context);
  if (policy.action === 'keep') return forget(live, { summary: policy.why, why, after: first });
  const disable = stop ? [steps.disableSubscription({ node, address, why }, { subscription })] : [];
  return {
    ...nothing,
    changes: [{ resource: live, action: 'drop', summary: policy.why, details: [] }],
    steps: [...disable, dropStep(live, why, context, first)],
  };
};

/**
 * The old slot goes before its subscription does: once that is gone, nothing would tell a run that continues after an
 * interruption whose slot it was. It is re-created where the new one has the same name.
 */
const replaceSlotSteps = (live: Subscription, desired: Subscription, context: PlanContext) => {
  const address = slotAddress(live);
  const { source, slot } = live.spec;
  if (address === null || source === null || slot === null) return [];
  const liveSlot = have(context, 'slot', source, slot);
  if (liveSlot === undefined) return [];
  const why = `subscription ${live.name} is replaced`;
  const { node, name: subscription } = live;
  const disable = live.spec.enabled
    ? [steps.disableSubscription({ node, address: live.address, why }, { subscription })]
    : [];
  const dropSlot = steps.dropSlot(
    { node: source, address, why, after: disable.map(({ id }) => id), forgets: [address] },
    { slot },
  );
  if (address !== slotAddress(desired)) return [...disable, dropSlot];
  return [
    ...disable,
    dropSlot,
    steps.createSlot(
      {
        node: source,
        address,
        why,
        afterIfPlanned: [steps.dropSubscription.id(live.address), ...publicationSteps(desired)],
        owns: ownershipOf({ ...liveSlot, owned: true }),
      },
      { slot, plugin: 'pgoutput', ...newSlotOptions(desired, context) },
    ),
  ];
};

const replace = (
  live: Subscription,
  desired: Subscription,
  reason: string,
  context: PlanContext,
): RuleResult => {
  const slotSteps = replaceSlotSteps(live, desired, context);
  const slotDropped = slotSteps.filter(({ kind }) => kind !== 'create-slot').map(({ id }) => id);
  const dropOld = {
    ...dropStep(live, `subscription ${live.name} is replaced: ${reason}`, context, slotDropped),
    ...(context.whole.replaced.has(live.address) && { reinitializes: true as const }),
    hazards: [
      ...protectedHazard(live),
      ...replacedSubscriptionHazards(live, desired, reason, context),
      ...replacedByHand(desired, reason, context),
    ],
  };
  return {
    ...nothing,
    changes: [{ resource: desired, action: 'replace', summary: reason, details: [] }],
    steps: [
      ...tryStep(desired, context),
      ...slotSteps,
      dropOld,
      ...verifySteps(desired, context),
      ...createStep(desired, [dropOld.id], context),
    ],
  };
};

const change = (live: Subscription, desired: Subscription, context: PlanContext): RuleResult => {
  const reason = replaceReason(live, desired, context);
  if (reason === null) return planAlterations(live, desired, context);
  if (!live.owned) return { ...nothing, hazards: [foreignHazard(live, reason)] };
  return replace(live, desired, reason, context);
};

export const subscriptionRule: Rule<'subscription'> = (deltas, context) =>
  combine(
    deltas.map((delta) => {
      if (delta.verb === 'add') return create(delta.desired, context);
      if (delta.verb === 'remove') return drop(delta.live, context);
      return change(delta.live, delta.desired, context);
    }),
  );
