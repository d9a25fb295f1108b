// Slots that hold WAL for snapshots, and without a reader: no orphans, and no slots for a subscription.

import type { NodeName } from '../../../model/state/address.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { SnapshotSlot } from '../../../model/state/surroundings.ts';
import { steepCommand } from '../../../model/steep-command.ts';

interface Named {
  readonly node: NodeName;
  readonly name: string;
}

/** The snapshot that a slot waits for; undefined: it is like any other. */
export const snapshotOfSlot = (
  { node, name }: Named,
  nodes: Readonly<Record<NodeName, NodeState>>,
): SnapshotSlot | undefined => nodes[node]?.snapshotSlots?.find(({ slot }) => slot === name);

/** As people type it. */
export const deleteSnapshotCommand = ({ snapshotId }: SnapshotSlot, node: NodeName): string =>
  steepCommand`steep snapshot delete ${snapshotId} --node ${node}`;
