// Ownership of objects that are gone: dropped manually, and no longer in the file. Kept, the rows would claim whatever
// gets the same name one day. Also what `removed` names and steep does not own.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { type Address, parseAddress } from '../../../model/state/address.ts';
import type { PlanContext } from '../../context/context.ts';
import { combine, type RuleResult } from '../../draft.ts';
import { removalOf } from '../../facts/removal-policy.ts';
import { notOwnedHazard } from '../../hazards/edge/protection.ts';
import { dropSlot, recordOwnership } from '../steps.ts';
import { forget } from './forget.ts';

/** The slots of a subscription that is gone: only its row tells that they go with it. */
const slotSteps = (address: Address, context: PlanContext): readonly string[] =>
  Object.values(context.live.nodes)
    .flatMap(({ applied }) => applied)
    .flatMap((row) => {
      if (row.address !== address || row.kind !== 'subscription') return [];
      const slot = `${row.spec?.source ?? ''}/slot.${row.spec?.slot ?? ''}`;
      return [dropSlot.id(slot), recordOwnership.id(slot)];
    });

const forgetGone = (address: Address, context: PlanContext): RuleResult => {
  const { node, kind, name } = parseAddress(address);
  return forget(
    { address, node, kind, name },
    {
      summary: 'already gone: only its record is removed',
      why: `${address} no longer exists and is no longer in steep.yaml`,
      after: slotSteps(address, context),
    },
  );
};

const isForgotten = (address: Address, context: PlanContext): boolean =>
  !context.want.has(address) && (context.prune || removalOf(address, context) !== undefined);

/** Nothing that steep does not own is ever dropped, whatever the file says. */
const notOwned = (context: PlanContext): readonly FoundHazard[] =>
  context.desired.removed.flatMap(({ address, action, source }) => {
    const live = context.have.get(address);
    const named = removalOf(address, context) !== undefined && action !== 'keep';
    return named && live?.owned === false ? [notOwnedHazard(live, action, source)] : [];
  });

/** With --prune, or named in `removed`: ownership without an object is deleted. */
export const planGone = (context: PlanContext): RuleResult => {
  const gone = Object.values(context.live.nodes)
    .flatMap(({ missing }) => missing)
    .filter((address) => isForgotten(address, context));
  const forgotten = combine(gone.map((address) => forgetGone(address, context)));
  return { ...forgotten, hazards: [...forgotten.hazards, ...notOwned(context)] };
};
