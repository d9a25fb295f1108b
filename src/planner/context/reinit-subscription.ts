// Subscriptions that are initialized again as a whole: dropped with their slot, and re-created with an initial copy.

import type { PlanOptions, Reinitialized } from '../../model/plan/plan.ts';
import type { CopyUnderWay } from '../../model/state/copy-under-way.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { matchesAddress } from '../address-pattern.ts';
import { have, isKind, type PlanContext } from './context.ts';
import { noWhole, type Whole } from './reinit-stage.ts';

type Subscription = ResourceOf<'subscription'>;

/** Its initial copy has begun and has not ended: to ask for it again is to ask that it continues. */
export const underWay = (
  { node, name }: Subscription,
  { live }: PlanContext,
): CopyUnderWay | undefined =>
  live.nodes[node]?.copiesUnderWay?.find(({ subscription }) => subscription === name);

/** Without it, or with one that has lost WAL, no copy ever comes to its end. A slot of an unknown source counts. */
const hasItsSlot = ({ spec }: Subscription, context: PlanContext): boolean => {
  if (spec.source === null || spec.slot === null) return true;
  const slot = have(context, 'slot', spec.source, spec.slot);
  return slot !== undefined && slot.observed?.walStatus !== 'lost';
};

/** Another subscription of the same name has another oid; null: unknown. */
export const subscriptionIdentity = (live: Subscription | undefined): string | null =>
  live?.observed ? String(live.observed.oid) : null;

/** Every subscription of the file that the option names. */
const askedFor = (
  { reinit = [] }: PlanOptions,
  { want }: Pick<PlanContext, 'want'>,
): readonly Subscription[] =>
  [...want.values()]
    .filter(isKind('subscription'))
    .filter(({ address }) => reinit.some((pattern) => matchesAddress(pattern, address)));

/** `reviewed`: what a plan that was agreed to asked for; null: it is asked now. */
export const wholeReinits = (
  options: PlanOptions,
  reviewed: readonly Reinitialized[] | null,
  context: PlanContext,
): Whole => {
  if (context.destroy) return noWhole;
  const asked = askedFor(options, context);
  const live = (sub: Subscription) => have(context, 'subscription', sub.node, sub.name);
  const isSame = (sub: Subscription): boolean => {
    const before = reviewed?.find(({ address }) => address === sub.address);
    return reviewed === null || before?.was === subscriptionIdentity(live(sub));
  };
  const there = asked.filter((sub) => live(sub) !== undefined);
  const awaited = there.filter(
    (sub) =>
      reviewed === null &&
      underWay(sub, context) !== undefined &&
      hasItsSlot(live(sub) ?? sub, context),
  );
  const replaced = there.filter((sub) => !awaited.includes(sub) && isSame(sub));
  const missing = asked.filter((sub) => live(sub) === undefined);
  const addresses = (subs: readonly Subscription[]) => new Set(subs.map(({ address }) => address));
  return {
    replaced: addresses(replaced),
    emptied: addresses([...replaced, ...missing]),
    awaited: addresses(awaited),
  };
};
