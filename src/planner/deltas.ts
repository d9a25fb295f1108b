// Which differences between what the file asks for and what is there a plan looks at.

import type { Delta } from '../model/plan/delta.ts';
import { type Address, addressOf } from '../model/state/address.ts';
import type { Resource } from '../model/state/resource.ts';
import { type PlanContext, want } from './context/context.ts';
import { diff } from './diff.ts';
import { willBeCreated } from './facts/edges.ts';

/** What the file asks for while the other end of its edge could not be read: it is not reported. */
const undecided = ({ desired, want: wanted }: PlanContext): ReadonlySet<Address> =>
  new Set(
    desired.subscriptions
      .flatMap(({ node, name, source, slot }) => [
        addressOf(node, 'subscription', name),
        addressOf(source, 'slot', slot),
      ])
      .filter((address) => !wanted.has(address)),
  );

/** Live resources that a plan may compare: what follows from tables only counts where the file asks. */
const comparable = (live: Resource, context: PlanContext): readonly Resource[] => {
  if (live.kind === 'identity') return context.want.has(live.address) ? [live] : [];
  if (live.kind === 'copy') {
    const sub = want(context, 'subscription', live.node, live.spec.subscription);
    return sub?.spec.enabled === true && !willBeCreated(sub, context) ? [live] : [];
  }
  if (live.kind === 'subscription' && live.spec.connection === 'unknown') {
    // It can neither be read nor compared: taken as it should be.
    return [{ ...live, spec: { ...live.spec, connection: 'current' } }];
  }
  return [live];
};

/** Differences between what the file asks for and what is there, as the rules will see them. */
export const deltasIn = (context: PlanContext): readonly Delta[] => {
  const ignored = undecided(context);
  const live = [...context.have.values()].filter(({ address }) => !ignored.has(address));
  const found = diff(
    [...context.want.values()],
    live.flatMap((resource) => comparable(resource, context)),
  );
  return [...found, ...askedAgain(found, context)];
};

/** A subscription that is re-created, though it is as steep.yaml has it. */
const askedAgain = (found: readonly Delta[], context: PlanContext): readonly Delta[] => {
  const differs = new Set(found.map((delta) => (delta.verb === 'add' ? '' : delta.live.address)));
  return [...context.whole.replaced]
    .filter((address) => !differs.has(address))
    .flatMap((address) => {
      const [live, desired] = [context.have.get(address), context.want.get(address)];
      if (live === undefined || desired === undefined) return [];
      return [{ verb: 'change' as const, live, desired, fields: [] }];
    });
};
