// An interrupted initial copy that starts over, where the slot that is there may not be the one that it made.

import type { QualifiedName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../../model/state/state.ts';
import type { PlanContext } from '../../context/context.ts';
import { doubtAbout } from '../../facts/attempt-doubt.ts';
import { position } from '../edge/slot-hazards.ts';
import { hazard } from '../hazard.ts';
import { filledByOthers } from './shared-tables.ts';

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
      `Discards slot ${slot.name} on node ${slot.node} ${position(slot.observed)}. The interrupted copy of ${sub.name} cannot be continued with it: ${doubt.why}. Another consumer may use it, and would then need a full copy.`,
      `If another consumer uses it, do not drop it: give ${sub.name} a slot of its own with slot: NAME.`,
    ),
  ];
};

/** Rows that another subscription has brought into these tables go with those of the copy, and no slot brings them again. */
export const emptiesForOthers = (
  sub: ResourceOf<'subscription'>,
  tables: readonly QualifiedName[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const { names, others } = filledByOthers(sub, tables, context);
  if (names.length === 0) return [];
  const { node, name, address } = sub;
  return [
    hazard(
      'danger',
      'TARGET_TRUNCATE',
      address,
      `Empties ${listNames(names)} on node ${node}, to restart an interrupted copy of ${name}. Rows from ${listNames(others)} are deleted too, and are not sent again.`,
      `Copy these tables again for ${listNames(others)} too, when this is done: --reinit ${node}/subscription.NAME.`,
    ),
  ];
};
