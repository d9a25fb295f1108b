// An interrupted initial copy that starts over, where the slot that is there may not be the one that it made.

import type { FoundHazard } from '../../model/hazard.ts';
import type { ResourceOf } from '../../model/resource.ts';
import type { UnfinishedCopy } from '../../model/state.ts';
import { doubtAbout } from '../attempt-doubt.ts';
import type { PlanContext } from '../context.ts';
import { hazard } from './hazard.ts';
import { position } from './slot-hazards.ts';

/** Empty: the slot is its own and nothing has read it, or it holds no position any more. */
export const notItsSlot = (
  sub: ResourceOf<'subscription'>,
  unfinished: UnfinishedCopy,
  slot: ResourceOf<'slot'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const doubt = doubtAbout(sub, unfinished, slot, context);
  if (doubt?.kind !== 'other') return [];
  return [
    hazard(
      'danger',
      'SLOT_DROP',
      slot.address,
      `Discards slot ${slot.name} on node ${slot.node} ${position(slot.observed)}. The interrupted copy of ${sub.name} cannot be continued with it: ${doubt.why}. It may be the position of another consumer, which would then need a full copy.`,
      `If another consumer uses it, leave it alone: give ${sub.name} a slot of its own with slot: NAME.`,
    ),
  ];
};
