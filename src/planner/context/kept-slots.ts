// A subscription whose slot the file does not name keeps the one that steep last gave it: a subscription with a new
// name continues from its old slot, whether or not `renamed` still tells of it.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { addressOf } from '../../model/state/address.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';

const appliedTo = (
  { node, name }: DesiredSubscription,
  desired: DesiredState,
  live: LiveState,
): AppliedOf<'subscription'> | undefined => {
  const address = addressOf(node, 'subscription', name);
  const former = desired.renamed
    .filter(({ toAddress }) => toAddress === address)
    .map(({ fromAddress }) => fromAddress);
  const rows = live.nodes[node]?.applied ?? [];
  return [address, ...former]
    .map((candidate) => rows.find((row) => row.address === candidate))
    .find((row) => row?.kind === 'subscription') as AppliedOf<'subscription'> | undefined;
};

const keep = (
  sub: DesiredSubscription,
  desired: DesiredState,
  live: LiveState,
): DesiredSubscription => {
  if (sub.slotByDefault !== true) return sub;
  const spec = appliedTo(sub, desired, live)?.spec ?? null;
  // A position on another source means nothing here.
  return spec === null || spec.slot === null || spec.source !== sub.source
    ? sub
    : { ...sub, slot: spec.slot };
};

export const withKeptSlots = (desired: DesiredState, live: LiveState): DesiredState => ({
  ...desired,
  subscriptions: desired.subscriptions.map((sub) => keep(sub, desired, live)),
});

/** A slot that was kept can be the one that another subscription asks for, which the file alone does not show. */
export const sharedSlots = ({ subscriptions }: DesiredState): readonly Diagnostic[] =>
  subscriptions.flatMap((sub, index) => {
    const first = subscriptions.findIndex(
      ({ source, slot }) => source === sub.source && slot === sub.slot,
    );
    const other = subscriptions[first];
    if (first === index || other === undefined) return [];
    return [
      {
        severity: 'error',
        code: 'SLOT_SHARED',
        summary: 'Two subscriptions share a slot',
        detail: `${sub.origin}: ${sub.name} and ${other.name} both read slot ${sub.slot} of node ${sub.source}: one of them has kept its earlier slot.`,
        suggestions: [`Give ${sub.name} or ${other.name} another slot with slot: NAME`],
        address: addressOf(sub.node, 'subscription', sub.name),
      },
    ];
  });
