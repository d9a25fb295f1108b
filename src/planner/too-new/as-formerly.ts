// A slot that can only be read under former names of publications: its subscription counts as reading these, so that what it
// reads now is a change that a plan brings about.

import type { Address } from '../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { TooNew } from '../../model/state/too-new.ts';
import { have, type PlanContext, want } from '../context/context.ts';

type Subscription = ResourceOf<'subscription'>;

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.join('\n') === b.join('\n');

/** What keeps it from being read, of a subscription that the file wants to run as it is. */
export const mendable = (
  sub: Subscription,
  { live, reinits, whole }: PlanContext,
): (TooNew & { readonly former: readonly string[] }) | null => {
  const found = live.tooNew?.[sub.address];
  if (found === undefined || found.former === null || !sub.spec.enabled) return null;
  const { former } = found;
  const isBusy =
    whole.replaced.has(sub.address) || reinits.some((reinit) => reinit.sub.address === sub.address);
  return isBusy || !sameList(found.publications, sub.spec.publications)
    ? null
    : { ...found, former };
};

/** What was read, as if the subscriptions that this plan repairs read former names. */
export const asFormerly = (context: PlanContext): ReadonlyMap<Address, Resource> => {
  const found = new Map(context.have);
  for (const address of Object.keys(context.live.tooNew ?? {})) {
    const [sub, live] = [context.want.get(address), found.get(address)];
    if (sub?.kind !== 'subscription' || live?.kind !== 'subscription') continue;
    const former = mendable(sub, context)?.former;
    if (former === undefined) continue;
    found.set(address, { ...live, spec: { ...live.spec, publications: former } });
  }
  return found;
};

/** What a subscription reads now, whatever it counts as reading. */
export const readNow = (sub: Subscription, { live }: PlanContext): readonly string[] => {
  const resources = live.nodes[sub.node]?.resources ?? [];
  const found = resources.find(({ address }) => address === sub.address);
  return found?.kind === 'subscription' ? found.spec.publications : sub.spec.publications;
};

/** Of what it reads, or counts as reading, the publications that do not exist any more. */
export const goneOf = (live: Subscription, context: PlanContext): readonly string[] => {
  const { source, publications } = live.spec;
  if (source === null || context.live.nodes[source] === undefined) return [];
  const renamed = context.renames
    .filter(({ kind, node }) => kind === 'publication' && node === source)
    .map(({ from }) => from);
  return publications.filter(
    (name) =>
      have(context, 'publication', source, name) === undefined &&
      want(context, 'publication', source, name) === undefined &&
      !renamed.includes(name),
  );
};
