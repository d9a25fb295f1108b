// What must not happen to the slots that wait for snapshots: be read by one subscription, or be forgotten.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { deleteSnapshotCommand, snapshotOfSlot } from '../../facts/snapshot/snapshot-slots.ts';
import { hazard } from '../hazard.ts';

/** A subscription that would read such a slot itself: no other node could begin with the snapshot afterwards. */
const takesSlot = (
  desired: ResourceOf<'subscription'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { source: node, slot: name } = desired.spec;
  const live = have(context, 'subscription', desired.node, desired.name);
  if (node === null || name === null || live?.spec.slot === name) return [];
  const waitsFor = snapshotOfSlot({ node, name }, context.live.nodes);
  if (waitsFor === undefined || have(context, 'slot', node, name) === undefined) return [];
  return [
    hazard(
      'block',
      'SLOT_TAKEN',
      desired.address,
      `Slot ${name} on node ${node} is kept for nodes that start from snapshot ${waitsFor.snapshotId}: if this subscription reads it, other nodes can no longer use it.`,
      'Give the subscription another name with slot: NAME.',
    ),
  ];
};

export const takenSnapshotSlots = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()]
    .filter(isKind('subscription'))
    .flatMap((desired) => takesSlot(desired, context));

/** Slots that would hold WAL indefinitely, without a known purpose. */
export const forgottenSnapshots = (
  metadata: ResourceOf<'metadata'>,
  served: readonly NodeName[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const waiting = served.flatMap((node) =>
    (context.live.nodes[node]?.snapshotSlots ?? [])
      .filter(({ slot }) => have(context, 'slot', node, slot) !== undefined)
      .map((snapshot) => ({ node, snapshot })),
  );
  if (waiting.length === 0) return [];
  const slots = [...new Set(waiting.map(({ snapshot }) => snapshot.slot))].toSorted();
  const commands = [
    ...new Set(waiting.map(({ node, snapshot }) => deleteSnapshotCommand(snapshot, node))),
  ];
  return [
    hazard(
      'block',
      'SNAPSHOT_SLOT',
      metadata.address,
      `Node ${metadata.node} has slots of snapshots: ${listNames(slots)}. Without their records, steep could not drop them, and they would keep WAL without limit.`,
      commands.join('; '),
    ),
  ];
};
