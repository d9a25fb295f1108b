// Subscriptions whose slot is gone, or has lost the WAL that it needed.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { hazard } from '../hazard.ts';

type Slot = ResourceOf<'slot'>;
type Subscription = ResourceOf<'subscription'>;

/** The command that replaces a subscription and its slot, and copies its tables. */
const copyAgain = ({ address }: Subscription): string =>
  steepCommand`steep apply --reinit ${address}`;

/** A subscription whose slot is gone: nothing arrives any more, and nothing says so. */
export const missingSlotHazard = (
  sub: Subscription,
  slot: Pick<Slot, 'node' | 'name'>,
): readonly FoundHazard[] => [
  hazard(
    'block',
    'SLOT_MISSING',
    sub.address,
    `Subscription ${sub.name} on node ${sub.node} reads slot ${slot.name}, which is gone from node ${slot.node}: nothing arrives, and a new slot would hide the missed changes.`,
    `If node ${slot.node} is not the server that was meant, correct its connection. Otherwise copy its tables again: ${copyAgain(sub)}`,
  ),
];

/** Enabling such a subscription returns success. */
export const lostSlotHazard = (sub: Subscription, slot: Slot): readonly FoundHazard[] =>
  slot.observed?.walStatus === 'lost'
    ? [
        hazard(
          'block',
          'SLOT_LOST',
          sub.address,
          `Slot ${slot.name} of subscription ${sub.name} is lost: the WAL it needs was removed. ENABLE would return success, but no worker would run.`,
          `Copy its tables again: ${copyAgain(sub)}`,
        ),
      ]
    : [];
