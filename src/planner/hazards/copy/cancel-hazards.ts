// What it means to cancel an initial copy.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import type { PlanContext } from '../../context/context.ts';
import type { MergedPair } from '../../facts/pairs/merged-pair.ts';
import { position } from '../edge/slot-hazards.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** `rows`: whether those that are copied already go too, or stay since they cannot be told apart from others. */
export const cancelHazard = (
  { node, name, address }: Subscription,
  tables: readonly QualifiedName[],
  rows: 'emptied' | 'left',
): FoundHazard => {
  const names = listNames(tables.map(formatName));
  const left =
    tables.length === 0
      ? 'no table is copied yet'
      : `rows that are already copied stay in ${names}, because PostgreSQL copied them and they cannot be distinguished from older rows`;
  const outcome = rows === 'emptied' ? `the copied rows are removed again (from ${names})` : left;
  return hazard(
    'warning',
    'COPY_CANCELLED',
    address,
    `The initial copy of ${name} into node ${node} is cancelled: ${outcome}; its subscription and its slot are dropped.`,
    rows === 'emptied' || tables.length === 0
      ? 'Apply again to start over.'
      : 'Empty these tables by hand before you start over.',
  );
};

/** Its source cannot be asked, so that its slot outlives the copy. */
export const slotOutOfReach = (
  { name, address, spec: { source, slot } }: Subscription,
  { live }: PlanContext,
): readonly FoundHazard[] => {
  if (slot === null || (source !== null && live.nodes[source] !== undefined)) return [];
  const where = source === null ? 'its source' : `node ${source}`;
  return [
    hazard(
      'warning',
      'ORPHAN_SLOT',
      address,
      `steep.yaml does not have ${where}, from which ${name} was copied: its slot ${slot} stays there and keeps WAL without limit. Drop it there: SELECT pg_catalog.pg_drop_replication_slot('${slot}');`,
      `Drop the slot there: SELECT pg_catalog.pg_drop_replication_slot('${slot}');`,
    ),
  ];
};

/** Its tables may be empty by now, and nothing would bring their rows back. */
export const cancelBlocked = ({ name, address }: Subscription, tables: readonly string[]) =>
  hazard(
    'block',
    'CANCEL_BLOCKED',
    address,
    `Tables of ${name} are being copied again (${listNames(tables)}), and their old rows may already be deleted: stopping now would leave them empty.`,
    'Let the copy finish: steep apply. To copy the whole subscription again afterwards: steep init reset NODE --full.',
  );

interface PreparedEdge extends Pick<Subscription, 'node' | 'name' | 'address'> {
  readonly source: string;
}

/** The slot of `steep init prepare` is dropped: the backup that begins there is of no use then. */
export const preparedCancelled = (
  { node, name, address, source }: PreparedEdge,
  slot: ResourceOf<'slot'>,
): FoundHazard =>
  hazard(
    'warning',
    'COPY_CANCELLED',
    address,
    `The initialization of ${name} by hand is cancelled: slot ${slot.name} on node ${source} is dropped, and a backup that was made for it cannot be completed any more. Rows that were already restored on node ${node} stay.`,
    `To start over, empty the tables on node ${node}, and run steep init prepare again.`,
  );

/** Another session has read the prepared slot, so it may be the position of another consumer. */
export const preparedWasRead = (
  { name }: PreparedEdge,
  { name: slot, node, address, observed }: ResourceOf<'slot'>,
): FoundHazard =>
  hazard(
    'danger',
    'SLOT_DROP',
    address,
    `Discards slot ${slot} on node ${node} ${position(observed)}. It was prepared for ${name}, and another session has read or advanced it since then. That consumer would need a full copy.`,
    `If another consumer uses it, do not drop it: give ${name} a slot of its own with slot: NAME.`,
  );

/** Of one direction of a pair whose merge has written nothing. */
export const mergeCancelled = (
  { name, address }: Subscription,
  pair: Pick<MergedPair, 'name'>,
): FoundHazard =>
  hazard(
    'warning',
    'COPY_CANCELLED',
    address,
    `The merge of pair ${pair.name} is cancelled: no row was written on either node; ${name} and its slot are dropped.`,
    'The next apply would merge: take the pair out of steep.yaml if it is not to.',
  );

/** A node has committed merged rows, and applications may have built on them. */
export const mergeCommitted = (
  { address }: Subscription,
  { name, a }: Pick<MergedPair, 'name' | 'a'>,
): FoundHazard =>
  hazard(
    'block',
    'CANCEL_BLOCKED',
    address,
    `The merge of pair ${name} cannot be cancelled: node ${a} has committed the merged rows, and applications may have used them since.`,
    `Finish it: ${steepCommand`steep merge start ${name}`}. The rows that lost are in steep_repl.merge_audit_log: ${steepCommand`steep merge audit ${name}`}`,
  );
