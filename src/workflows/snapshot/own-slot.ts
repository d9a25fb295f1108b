// Whether a slot that the files of a snapshot name is the snapshot's own. Anyone who can write to the folder can name
// any slot of the cluster there, so that only the source can say so.

import { readSnapshotRecords } from '../../catalog/copies/read-snapshots.ts';
import { readMetadata } from '../../catalog/metadata/read-metadata.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { defaultSnapshotSlot } from '../../model/snapshot/snapshot.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { ChosenNode } from '../chosen-nodes.ts';

/** What the files say of themselves. */
export interface SnapshotClaim {
  readonly snapshotId: string | null;
  readonly location: string;
}

/**
 * steep_repl of the source must have the slot on record for this snapshot at this place; where it has no record of
 * either, the slot must have the name that steep gives to the slot of this snapshot at this place.
 * @throws SteepError SNAPSHOT_SLOT_UNKNOWN (exit 3).
 */
export const assertOwnSlot = async (
  node: ChosenNode,
  slot: string,
  claim: SnapshotClaim,
): Promise<void> => {
  const why = await doubtOf(node, slot, claim);
  if (why === null) return;
  throw new SteepError(
    'SNAPSHOT_SLOT_UNKNOWN',
    `Node ${node.name}: ${claim.location} names slot ${slot} as its own, but ${why}. The slot may belong to something else: nothing was dropped or deleted.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `To delete the files only, and keep the slot: ${steepCommand`steep snapshot delete ${claim.location} --keep-slot`}`,
        `If the slot is of this snapshot: ${steepCommand`steep snapshot delete ${claim.location} --drop-slot ${slot}`}`,
      ],
    },
  );
};

const doubtOf = async (
  { name, metadata }: ChosenNode,
  slot: string,
  { snapshotId, location }: SnapshotClaim,
): Promise<string | null> => {
  const { version } = await readMetadata(metadata, name);
  const known = (await readSnapshotRecords(metadata, version)).filter(
    (record) => record.snapshotId === snapshotId || record.slot === slot,
  );
  if (known.length === 0) {
    return snapshotId !== null && slot === defaultSnapshotSlot({ snapshotId, location })
      ? null
      : 'steep_repl has no record of it, and its name is not the one that steep gives to the slot of this snapshot at this location';
  }
  const isOwn = known.some(
    (record) =>
      record.snapshotId === snapshotId && record.slot === slot && record.location === location,
  );
  return isOwn ? null : 'steep_repl has another snapshot, slot or location on record';
};
