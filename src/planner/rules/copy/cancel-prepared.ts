// A slot that steep init prepare made, and whose rows no user will restore: it is dropped, and with it what is on record of it.

import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { DesiredSubscription } from '../../../model/state/state.ts';
import type { PreparedPosition } from '../../../model/state/surroundings.ts';
import { have, type PlanContext } from '../../context/context.ts';
import { nothing, type RuleResult } from '../../draft.ts';
import { preparedCancelled, preparedWasRead } from '../../hazards/copy/cancel-hazards.ts';
import * as steps from '../steps.ts';

/** What is on record of the slot of a subscription that does not exist yet. */
const preparedFor = (
  { node, name, source, slot }: DesiredSubscription,
  context: PlanContext,
): PreparedPosition | undefined =>
  have(context, 'subscription', node, name) !== undefined
    ? undefined
    : context.live.nodes[source]?.preparedSlots?.find(
        (it) => it.slot === slot && it.node === node && it.subscription === name,
      );

/** It was made for this subscription, and no session has read it since then. */
const isUnread = ({ lsn }: PreparedPosition, { observed }: ResourceOf<'slot'>): boolean =>
  lsn === '0/0' || observed?.confirmedFlushLsn === lsn;

/** Nothing, where none was prepared or the slot is already gone. */
export const cancelPrepared = (sub: DesiredSubscription, context: PlanContext): RuleResult => {
  const prepared = preparedFor(sub, context);
  const { node, source, name } = sub;
  const slot = have(context, 'slot', source, sub.slot);
  if (prepared === undefined || slot?.owned !== true) return nothing;
  const edge = { node, name, source, address: addressOf(node, 'subscription', name) };
  const read = isUnread(prepared, slot) ? [] : [preparedWasRead(edge, slot)];
  const step = steps.dropSlot(
    {
      node: source,
      address: slot.address,
      why: `the initialization of ${name} by hand is cancelled`,
      hazards: [preparedCancelled(edge, slot), ...read],
      forgets: [slot.address],
    },
    { slot: slot.name },
  );
  const summary = `prepared for ${name}, whose initialization is cancelled`;
  return {
    ...nothing,
    changes: [{ resource: slot, action: 'drop', summary, details: [] }],
    steps: [step],
  };
};
