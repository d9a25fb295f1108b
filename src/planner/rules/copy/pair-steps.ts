// The steps of a pair whose rows are copied from the first node to the second.

import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, type PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { alterationOf } from '../../facts/alteration.ts';
import { slotAddress } from '../../facts/edges.ts';
import {
  type CopiedPair,
  copiedPair,
  copiedTablesOf,
  type Growth,
  isNewPair,
} from '../../facts/pairs/copied-pair.ts';
import { pausedHazard } from '../../hazards/edge/pair-hazards.ts';
import { waitForOldReader } from '../publication/publication-alias-steps.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** The second node is proven empty once its slot is there: whatever is written from then on comes back. */
export const verifySteps = (sub: Subscription, context: PlanContext): readonly StepDraft[] => {
  const pair = copiedPair(sub, context);
  if (pair === null || pair.forth.address !== sub.address || !isNewPair(pair, context)) return [];
  const { forth, back } = pair;
  const address = slotAddress(back);
  const [publication] = back.spec.publications;
  if (address === null || back.spec.slot === null || publication === undefined) return [];
  return [
    steps.verifyEmpty(
      {
        node: forth.node,
        address,
        why: `rows that ${forth.node} had before slot ${back.spec.slot} would be missing on ${back.node}`,
        afterIfPlanned: [steps.createSlot.id(address), ...publicationSteps(back)],
      },
      { slot: back.spec.slot, publication, tables: copiedTablesOf(context.want, forth) },
    ),
  ];
};

/** What a subscription of a pair waits for before it is created or enabled. */
export const pairNeeds = (sub: Subscription, context: PlanContext): readonly StepId[] => {
  const pair = copiedPair(sub, context);
  if (pair === null) return [];
  const { forth, back } = pair;
  if (sub.address === forth.address) return [steps.verifyEmpty.id(slotAddress(back) ?? '')];
  // What it brings would be copied back to where it was written.
  return [steps.createSubscription.id(forth.address), steps.waitForCopy.id(forth.address)];
};

/** Another change stops it and starts it again. */
const isRestarted = (
  returning: Subscription,
  back: Subscription,
  context: PlanContext,
): boolean => {
  const { newSlot, offline } = alterationOf(returning, back, context);
  const restarted = newSlot || Object.keys(offline).length > 0;
  return !returning.spec.enabled || restarted || waitForOldReader(back, context) !== null;
};

/** Before the copy of new tables: the way back takes them in while they are empty. After it: it continues. */
export const growthSteps = (
  { forth, back }: CopiedPair,
  { tables, admitted }: Growth,
  context: PlanContext,
): readonly StepDraft[] => {
  const { source, slot } = back.spec;
  const returning = have(context, 'subscription', back.node, back.name);
  if (source === null || slot === null || returning === undefined) return [];
  const { node, address, name: subscription } = back;
  const read = returning.spec.slot ?? slot;
  const admit = steps.refreshWhileEmpty(
    {
      node,
      address,
      why: `${subscription} gets the new tables, and pauses until they are copied to ${source}`,
      afterIfPlanned: [
        ...publicationSteps(back),
        ...publicationSteps(forth),
        steps.alterSubscription.id(address),
        steps.setPublications.id(address),
        // Stopped, it would never read its old slot to the start of another.
        ...(read === slot ? [] : [steps.waitForSlot.id(addressOf(source, 'slot', read))]),
      ],
      hazards: [pausedHazard(back, tables.length)],
    },
    { subscription, source, slot: read, tables, enable: !returning.spec.enabled },
  );
  const goOn = steps.enableSubscription(
    {
      node,
      address,
      why: 'it was paused while new tables were copied',
      afterIfPlanned: [admit.id, ...pairNeeds(back, context)],
      owns: ownershipOf(back),
    },
    { subscription },
  );
  return [...(admitted ? [] : [admit]), ...(isRestarted(returning, back, context) ? [] : [goOn])];
};
