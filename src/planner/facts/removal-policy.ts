// What becomes of a managed object that the file does not ask for: its entry in `removed` decides, else
// --destroy or --prune, else it stays.

import { asRequested } from '../../model/plan/single-change.ts';
import type { Address } from '../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { Removal, RemovalAction } from '../../model/state/state.ts';
import { isKind, type PlanContext, sourceOf } from '../context/context.ts';

export type RemovalPolicy =
  | { readonly action: 'stay' }
  | {
      readonly action: RemovalAction;
      /** For people: what decided. */
      readonly why: string;
      /** Of a slot: it goes the way of its subscription, whose entry is the only one that tells. */
      readonly follows: boolean;
    };

export const removalOf = (address: Address, { desired, want }: PlanContext): Removal | undefined =>
  want.has(address) ? undefined : desired.removed.find((removal) => removal.address === address);

type Slot = Pick<ResourceOf<'slot'>, 'node' | 'name'>;

/** Whether the managed subscription at an address reads a slot, or did when it was last applied. */
const readsSlot = (address: Address, slot: Slot, context: PlanContext): boolean => {
  const live = context.have.get(address);
  if (live !== undefined) {
    return (
      live.kind === 'subscription' &&
      live.owned &&
      live.spec.slot === slot.name &&
      sourceOf(live, context) === slot.node
    );
  }
  return Object.values(context.live.nodes)
    .flatMap(({ applied }) => applied)
    .some(
      (row) =>
        row.address === address &&
        row.kind === 'subscription' &&
        row.spec?.source === slot.node &&
        row.spec.slot === slot.name,
    );
};

const removalOfReader = (slot: Slot, context: PlanContext): Removal | undefined =>
  context.desired.removed.find(
    ({ address }) => removalOf(address, context) !== undefined && readsSlot(address, slot, context),
  );

const byEntry = ({ action, source }: Removal, follows: boolean): RemovalPolicy => ({
  action,
  why: source === asRequested ? `${action}, as requested` : `removed: ${action}, ${source}`,
  follows,
});

/** Of an object that the file does not ask for. */
export const removalPolicyOf = (
  live: Pick<Resource, 'kind' | 'node' | 'name' | 'address'>,
  context: PlanContext,
): RemovalPolicy => {
  const own = removalOf(live.address, context);
  if (own !== undefined) return byEntry(own, false);
  const readers = live.kind === 'slot' ? removalOfReader(live, context) : undefined;
  if (readers !== undefined) return byEntry(readers, true);
  if (context.destroy) return { action: 'drop', why: 'destroy', follows: false };
  if (context.prune) return { action: 'drop', why: 'no longer in steep.yaml', follows: false };
  return { action: 'stay' };
};

/** Whether a live subscription will be dropped: with its slot, or detached from it. */
export const leaves = (sub: ResourceOf<'subscription'>, context: PlanContext): boolean => {
  if (!sub.owned || context.want.has(sub.address)) return false;
  const { action } = removalPolicyOf(sub, context);
  return action === 'drop' || action === 'detach';
};

/** Live subscriptions that read a slot, managed or not. */
export const liveReaders = (
  slot: Slot,
  context: PlanContext,
): readonly ResourceOf<'subscription'>[] =>
  [...context.have.values()]
    .filter(isKind('subscription'))
    .filter((sub) => sub.spec.slot === slot.name && sourceOf(sub, context) === slot.node);
