// Which edges a plan touches: convergence waits for them.

import { addressOf } from '../../model/address.ts';
import type { Plan } from '../../model/plan.ts';
import type { DesiredSubscription } from '../../model/state.ts';

/** Whether a plan changes an edge, or what it reads; a whole plan answers for all of them. */
export const touches = ({ targeting, steps }: Plan, sub: DesiredSubscription): boolean => {
  if (targeting === undefined) return true;
  const changed = new Set(steps.map(({ address }) => address));
  const own = addressOf(sub.node, 'subscription', sub.name);
  if (changed.has(own) || changed.has(addressOf(sub.source, 'slot', sub.slot))) return true;
  // One that was left out may not even exist.
  if (targeting.leftOut.some(({ address }) => address === own)) return false;
  return sub.publications.some((name) => changed.has(addressOf(sub.source, 'publication', name)));
};
