// Slot names: what PostgreSQL takes, and one subscription a slot.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { maxIdentifierBytes } from '../../model/identifier.ts';
import { finding } from '../findings.ts';
import { clusterOf } from '../parse/server-identity.ts';
import { isSlotName, toSlotName } from '../resolve/slot-name.ts';
import { edgeBlocksOf, subscriptionsOf, type Topology, type TopologyCheck } from '../topology.ts';
import { tooLongName } from './name-faults.ts';

/** The names of slots, given or taken from the subscription's name. */
export const validateSlotNames: TopologyCheck = (topology) =>
  subscriptionsOf(topology.file).flatMap(([name, { slot }]) =>
    slot === undefined ? defaultSlot(topology, name) : givenSlot(topology, name, slot),
  );

const givenSlot = ({ document }: Topology, name: string, slot: string): readonly Diagnostic[] => {
  const place = document.valueAt(['subscriptions', name, 'slot']);
  const long = tooLongName('Slot', slot, place);
  if (long.length > 0 || isSlotName(slot)) return long;
  const detail = `${name}: \`${slot}\` is not a slot name: use a-z, 0-9 and _, and not the word none.`;
  return [finding('SLOT_NAME_INVALID', detail, place, [`slot: ${toSlotName(slot)}`])];
};

const defaultSlot = ({ document }: Topology, name: string): readonly Diagnostic[] => {
  // Where the subscription's own name is too long, that is reported already.
  if (isSlotName(name) || Buffer.byteLength(name) > maxIdentifierBytes) return [];
  const place = document.keyAt(['subscriptions', name]);
  const detail = `The slot has the name of subscription \`${name}\`, but the name of a slot can have only a-z, 0-9 and _.`;
  return [
    finding('SLOT_NAME_INVALID', detail, place, [
      `Give it another name: slot: ${toSlotName(name)}`,
    ]),
  ];
};

/** Slots belong to a cluster, so that two nodes on one server share their names. */
export const validateSlotUse: TopologyCheck = (topology) => {
  const uses = edgeBlocksOf(topology.file).map(({ name, subscription, path }) => {
    const { source, slot } = subscription;
    // That of a pair follows from its name.
    const given = slot !== undefined && path[0] === 'subscriptions';
    return {
      name,
      source,
      slot: slot ?? name,
      cluster: clusterOf(topology, source),
      path: given ? [...path, 'slot'] : path,
      given,
    };
  });
  return uses.flatMap((use, index) => {
    const first = uses.findIndex(
      ({ cluster, slot }) => cluster === use.cluster && slot === use.slot,
    );
    if (first === index) return [];
    const { document } = topology;
    const place = use.given ? document.valueAt(use.path) : document.keyAt(use.path);
    const detail = `${use.name} and ${uses[first]?.name} both use slot ${use.slot} of node ${use.source}.`;
    return [finding('SLOT_SHARED', detail, place, ['Each subscription needs a slot of its own.'])];
  });
};
