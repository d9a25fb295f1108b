// How a subscription comes from publications that do not exist any more to those that do. A slot is read with the catalogs of
// the time of each change, so that no wait helps: it would never end where changes need the new names already.

import { addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { certainlyTooNew } from '../../model/state/too-new.ts';
import { type PlanContext, serverOf } from '../context/context.ts';
import type { StepDraft } from '../draft.ts';
import { hazard } from '../hazards/hazard.ts';
import { ownershipOf } from '../rules/rule.ts';
import * as steps from '../rules/steps.ts';
import { goneOf, readNow } from './as-formerly.ts';

type Subscription = ResourceOf<'subscription'>;

const setFormer = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly StepDraft[] => {
  const { publications } = live.spec;
  if (readNow(live, context).join('\n') === publications.join('\n')) return [];
  const { node, address, name: subscription, spec } = desired;
  return [
    steps.setPublications(
      {
        node,
        address,
        why: 'the changes that it reads next were written when its publications had other names',
        owns: { ...ownershipOf(desired), applied: { ...spec, publications } },
      },
      { subscription, publications, aside: true },
    ),
  ];
};

const explained = (live: Subscription, desired: Subscription, context: PlanContext) => {
  const found = certainlyTooNew(context.live.tooNew, desired.address);
  const { slot, publications } = live.spec;
  if (found === null) return [];
  return [
    hazard(
      'notice',
      'PUBLICATION_TOO_NEW',
      desired.address,
      `Slot ${slot ?? ''} on node ${found.source} is at a position at which publication ${found.tooNew.join(', ')} did not exist yet. The plan reads the remaining changes with ${publications.join(', ')}; no change is lost.`,
      'Nothing to do.',
    ),
  ];
};

/** The steps before the new list may be set, the last one last; null: no former name is needed. */
export const formerSteps = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly StepDraft[] | null => {
  const { source } = desired.spec;
  const { slot } = live.spec;
  const found = context.live.tooNew?.[desired.address];
  const runs = live.spec.enabled || desired.spec.enabled;
  if (source === null || slot === null || found === undefined || !runs) return null;
  if (goneOf(live, context).length === 0) return null;
  const set = setFormer(live, desired, context);
  const common = {
    node: source,
    address: addressOf(source, 'slot', slot),
    why: `${desired.address} must have applied everything older than its publications`,
    afterIfPlanned: [
      ...set.map(({ id }) => id),
      steps.alterSubscription.id(desired.address),
      ...(live.spec.enabled ? [] : [steps.enableSubscription.id(desired.address)]),
    ],
    hazards: explained(live, desired, context),
  };
  const wait = serverOf(context, source).features.skipsMissingPublications
    ? steps.waitForSlot(common, { slot, untilSlot: null })
    : steps.advanceSlot(common, {
        slot,
        subscriber: desired.node,
        subscription: desired.name,
        former: live.spec.publications,
        publications: desired.spec.publications,
      });
  return [...set, wait];
};
