// Subscriptions on rows that a user filled manually: what a physical copy also brought along is forgotten first, and
// one that must start past its slot is told so while it is disabled.

import type { RestoredCopy } from '../../../model/copy/manual-init.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { OwnershipRecord } from '../../../model/step/step.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { awaitedOrigin } from '../../facts/manual-init.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';

type Subscription = ResourceOf<'subscription'>;

const restoredOf = (desired: Subscription, context: PlanContext): RestoredCopy | null =>
  desiredSubscription(context, desired.node, desired.name)?.restored ?? null;

/** How it is created: one that needs a start position is disabled until then, and its row says so. */
export const firstState = (
  desired: Subscription,
  context: PlanContext,
): { readonly enabled: boolean; readonly owns: OwnershipRecord } => {
  const owns = ownershipOf(desired);
  const startsAt = restoredOf(desired, context)?.startsAt ?? null;
  if (startsAt === null) return { enabled: desired.spec.enabled, owns };
  const applied = { ...desired.spec, enabled: false, awaitsOrigin: startsAt };
  return { enabled: false, owns: { ...owns, applied } };
};

/** A physical copy says that it is the node that it was made of. */
export const forgetSteps = (desired: Subscription, context: PlanContext): readonly StepDraft[] => {
  const formerNodes = restoredOf(desired, context)?.formerNodes ?? [];
  if (formerNodes.length === 0) return [];
  const { node } = desired;
  return [
    steps.forgetFormerNodes(
      {
        node,
        address: addressOf(node, 'metadata', 'steep_repl'),
        why: `steep_repl is part of the copy, and belongs to ${formerNodes.join(', ')}`,
      },
      { formerNodes },
    ),
  ];
};

/** Of one that is about to be created, or that an interrupted run left disabled. */
const advanceSteps = (desired: Subscription, context: PlanContext): readonly StepDraft[] => {
  const startsAt = restoredOf(desired, context)?.startsAt ?? null;
  if (startsAt === null) return [];
  return [
    steps.advanceOrigin(
      {
        node: desired.node,
        address: desired.address,
        why: `node ${desired.node} has everything of ${desired.spec.source ?? '?'} up to ${startsAt}`,
        afterIfPlanned: [steps.createSubscription.id(desired.address)],
        owns: ownershipOf(desired),
      },
      { subscription: desired.name, lsn: startsAt },
    ),
  ];
};

/** Creates it disabled, tells it where to start, and lets it go. */
export const startSteps = (desired: Subscription, context: PlanContext): readonly StepDraft[] => {
  const advance = advanceSteps(desired, context);
  if (advance.length === 0 || !desired.spec.enabled) return advance;
  return [
    ...advance,
    steps.enableSubscription(
      {
        node: desired.node,
        address: desired.address,
        why: 'its start position is set',
        after: advance.map(({ id }) => id),
        owns: ownershipOf(desired),
      },
      { subscription: desired.name },
    ),
  ];
};

/** What a run that was interrupted did not come to: the subscription is there, disabled. */
export const resumedSteps = (desired: Subscription, context: PlanContext): readonly StepDraft[] =>
  awaitedOrigin(desired, context.live) === null ? [] : advanceSteps(desired, context);
