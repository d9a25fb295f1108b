// A subscription that another session dropped, and created again without a copy. With its slot it is where it was; a new
// slot begins at the position at which it was created.

import { type EdgeGap, type EdgeRecord, slotWasReplaced } from '../../../model/edge/edge-record.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState } from '../../../model/state/state.ts';
import { liveCopies } from '../edges.ts';
import { isAsApplied, otherSlot } from './moved-positions.ts';

/** Where PostgreSQL has copied a table again, it has noted how far. */
const hasUncopied = (sub: ResourceOf<'subscription'>, live: LiveState): boolean =>
  liveCopies(sub, live).some(
    ({ spec, observed }) => spec.state === 'ready' && observed?.syncLsn === null,
  );

export const recreatedByHand = (
  sub: ResourceOf<'subscription'>,
  noted: EdgeRecord,
  now: EdgeRecord,
  live: LiveState,
): readonly EdgeGap[] => {
  const [before, slot] = [noted.slot, now.slot];
  if (noted.subscription === now.subscription || before === null || slot === null) return [];
  if (!isAsApplied(noted, now) || !hasUncopied(sub, live)) return [];
  const moved = otherSlot(noted, now);
  if (moved !== undefined) return [{ kind: 'moved', slot: slot.name, ...moved }];
  return slotWasReplaced(before, slot) ? [{ kind: 'slot', slot: slot.name }] : [];
};
