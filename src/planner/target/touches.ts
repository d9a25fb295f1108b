// Which edges a plan touches: convergence waits for them.

import type { Plan } from '../../model/plan/plan.ts';
import { addressOf } from '../../model/state/address.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';

const waitingCodes: ReadonlySet<string> = new Set(['INIT_MANUAL', 'INIT_BY_HAND']);

/** Whether the plan says that a subscription is still to be completed manually. */
export const isAwaited = ({ standing }: Plan, sub: DesiredSubscription): boolean =>
  standing.some(
    ({ code, address }) =>
      waitingCodes.has(code) && address === addressOf(sub.node, 'subscription', sub.name),
  );

/** Whether a plan changes an edge, or what it reads; a whole plan answers for all of them. */
export const touches = ({ targeting, steps }: Plan, sub: DesiredSubscription): boolean => {
  if (targeting === undefined) return true;
  // It cannot be queried, and the plan does without it.
  if (targeting.unread.includes(sub.node)) return false;
  const changed = new Set(steps.map(({ address }) => address));
  const own = addressOf(sub.node, 'subscription', sub.name);
  if (changed.has(own) || changed.has(addressOf(sub.source, 'slot', sub.slot))) return true;
  // One that was left out may not even exist.
  if (targeting.leftOut.some(({ address }) => address === own)) return false;
  return sub.publications.some((name) => changed.has(addressOf(sub.source, 'publication', name)));
};
