// Replication slots: steps of their own, so that a position is never lost by the way of something else.

import type { Resource, ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { type PlanContext, want } from '../../context/context.ts';
import { nothing, type RuleResult } from '../../draft.ts';
import { readersOf, slotAddress, willBeCreated } from '../../facts/edges.ts';
import { unfinishedCopy } from '../../facts/initial-copy.ts';
import { newSlotOptions, wayOf } from '../../facts/new-copy.ts';
import { liveReaders, removalPolicyOf } from '../../facts/removal-policy.ts';
import { snapshotOfSlot } from '../../facts/snapshot/snapshot-slots.ts';
import { missingSlotHazard } from '../../hazards/edge/lost-slots.ts';
import { protectedHazard } from '../../hazards/edge/protection.ts';
import {
  createdSlotHazards,
  droppedSlotHazards,
  keptSlotHazards,
} from '../../hazards/edge/slot-hazards.ts';
import { forget } from '../metadata/forget.ts';
import { noLongerDeclared, ownershipOf, perDelta, type Rule } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from './edge-steps.ts';

type Slot = ResourceOf<'slot'>;
type Subscription = ResourceOf<'subscription'>;

/** The old slot of a replaced reader goes first: on another node of the same cluster its name is taken. */
const replacedSlot = (
  live: Resource | undefined,
  reader: Subscription | undefined,
  context: PlanContext,
): readonly StepId[] => {
  if (live?.kind !== 'subscription' || reader === undefined) return [];
  return willBeCreated(reader, context) ? [steps.dropSlot.id(slotAddress(live) ?? '')] : [];
};

/** Who copies at its snapshot notes it on the subscriber first, and has rolled back what was copied before. */
const snapshotNeeds = ({ node, address }: Subscription): readonly StepId[] => [
  steps.installMetadata.id(`${node}/metadata.steep_repl`),
  steps.undoCopy.id(address),
  steps.trySubscription.id(address),
];

const createStep = (
  desired: Slot,
  reader: Subscription | undefined,
  after: readonly StepId[],
  context: PlanContext,
) => {
  const readerSteps =
    reader === undefined ? [] : [...publicationSteps(reader), ...snapshotNeeds(reader)];
  const beginning = newSlotOptions(reader, context);
  return steps.createSlot(
    {
      node: desired.node,
      address: desired.address,
      why: `slot ${desired.name} does not exist`,
      afterIfPlanned: [...readerSteps, ...after, steps.dropSlot.id(desired.address)],
      hazards: createdSlotHazards(desired, context, beginning.copiedFrom === undefined),
      owns: ownershipOf(desired),
    },
    { slot: desired.name, plugin: desired.spec.plugin, ...beginning },
  );
};

const create = (desired: Slot, context: PlanContext): RuleResult => {
  const reader = readersOf(desired, context)[0];
  const live = reader === undefined ? undefined : context.have.get(reader.address);
  // A subscription that is attached to this very slot has lost it: a new one would hide the gap.
  const lost =
    live?.kind === 'subscription' &&
    live.spec.slot === desired.name &&
    reader !== undefined &&
    !willBeCreated(reader, context);
  if (lost) return { ...nothing, hazards: missingSlotHazard(live, desired) };
  const summary = reader === undefined ? 'for a subscription' : `for ${reader.address}`;
  const after = replacedSlot(live, reader, context);
  return {
    ...nothing,
    changes: [{ resource: desired, action: 'create', summary, details: [] }],
    steps: [createStep(desired, reader, after, context)],
  };
};

/** The replacement of a subscription drops the old slot itself. */
const isReplaced = (readers: readonly Subscription[], context: PlanContext): boolean =>
  readers.some((sub) => {
    const desired = want(context, 'subscription', sub.node, sub.name);
    return sub.spec.source !== null && desired !== undefined && willBeCreated(desired, context);
  });

/** A slot that goes the way of its subscription goes first: afterwards nothing would tell whose it was. */
const afterReaders = (readers: readonly Subscription[], follows: boolean): readonly StepId[] =>
  readers.flatMap(({ address }) =>
    follows
      ? [steps.disableSubscription.id(address)]
      : [steps.dropSubscription.id(address), steps.setSlot.id(address)],
  );

const drop = (live: Slot, context: PlanContext): RuleResult => {
  // steep snapshot delete drops it.
  if (snapshotOfSlot(live, context.live.nodes) !== undefined) return nothing;
  const readers = liveReaders(live, context);
  if (isReplaced(readers, context)) return nothing;
  const policy = removalPolicyOf(live, context);
  if (policy.action === 'stay') return noLongerDeclared(live);
  const why = `slot ${live.name}: ${policy.why}`;
  if (policy.action !== 'drop') {
    const hazards = keptSlotHazards(live, context);
    return forget(live, { summary: `kept: ${policy.why}`, why, hazards });
  }
  return {
    ...nothing,
    changes: [{ resource: live, action: 'drop', summary: policy.why, details: [] }],
    steps: [
      steps.dropSlot(
        {
          node: live.node,
          address: live.address,
          why,
          afterIfPlanned: afterReaders(readers, policy.follows),
          hazards: [...protectedHazard(live), ...droppedSlotHazards(live, context)],
          forgets: [live.address],
        },
        { slot: live.name },
      ),
    ],
  };
};

/** A run was interrupted between the slot and its ownership: who agreed to make it agreed to that. */
const continuing = (slot: Slot, context: PlanContext) =>
  readersOf(slot, context).some((reader) => unfinishedCopy(reader, context)?.slot === slot.name)
    ? { continues: steps.createSlot.id(slot.address) }
    : {};

/** The copy of its reader starts over with a new slot: this one is not taken over, but dropped. */
const isRemade = (slot: Slot, context: PlanContext): boolean =>
  readersOf(slot, context).some(
    (reader) => willBeCreated(reader, context) && wayOf(reader, context).remakesSlot,
  );

export const slotRule: Rule<'slot'> = perDelta((delta, context) => {
  if (delta.verb === 'add') return create(delta.desired, context);
  if (delta.verb === 'remove') return drop(delta.live, context);
  if (isRemade(delta.desired, context)) return nothing;
  return {
    ...nothing,
    changes: [
      {
        resource: delta.desired,
        action: 'adopt',
        summary: 'already exists: managed by steep from now on, its position is kept',
        details: [],
      },
    ],
    steps: [
      steps.recordOwnership(
        {
          node: delta.desired.node,
          address: delta.desired.address,
          why: `ownership of slot ${delta.desired.name}`,
          ...continuing(delta.desired, context),
          owns: ownershipOf(delta.desired),
        },
        {},
      ),
    ],
  };
});
