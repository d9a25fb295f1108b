// A slot is a position in the WAL: what is lost with it, and what it costs while it exists.

import { listNames, plural } from '../../../model/listing.ts';
import { lsnDistance } from '../../../model/lsn.ts';
import { describeTransaction } from '../../../model/open-transaction.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatSize } from '../../../model/quantity.ts';
import type { ResourceOf, SlotObserved } from '../../../model/state/resource.ts';
import type { SnapshotSlot } from '../../../model/state/surroundings.ts';
import { have, isKind, type PlanContext, serverOf } from '../../context/context.ts';
import { readersOf, willBeCreated } from '../../facts/edges.ts';
import { awaitingReader } from '../../facts/manual-init.ts';
import { leaves, liveReaders } from '../../facts/removal-policy.ts';
import { deleteSnapshotCommand, snapshotOfSlot } from '../../facts/snapshot/snapshot-slots.ts';
import { hazard } from '../hazard.ts';
import { lostSlotHazard } from './lost-slots.ts';

type Slot = ResourceOf<'slot'>;
type Subscription = ResourceOf<'subscription'>;

/** The position of a slot, and what it has not sent yet. */
export const position = (observed: SlotObserved | null): string =>
  `at ${observed?.confirmedFlushLsn ?? 'an unknown position'} with ${formatSize(observed?.lagBytes ?? null)} of unread WAL`;

const copiedBy = (subs: readonly Subscription[], context: PlanContext): number =>
  [...context.have.values()]
    .filter(isKind('copy'))
    .filter((copy) =>
      subs.some((sub) => sub.node === copy.node && sub.name === copy.spec.subscription),
    ).length;

/** The loss of a position. */
const slotDrop = (
  slot: Slot,
  readers: readonly Subscription[],
  context: PlanContext,
): FoundHazard =>
  hazard(
    'danger',
    'SLOT_DROP',
    slot.address,
    `Discards slot ${slot.name} on node ${slot.node} ${position(slot.observed)}; subscribing again needs a full copy of ${plural(copiedBy(readers, context), 'table')}.`,
    'To keep it: leave the block in steep.yaml with enabled: false, name it in removed with the action detach or keep, or leave out --prune.',
  );

/** A user continues reading it: managed and kept, or not managed at all. */
const stillRead = (
  slot: Slot,
  readers: readonly Subscription[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const staying = readers.filter((sub) => {
    const desired = context.want.get(sub.address);
    const moves = desired?.kind === 'subscription' && desired.spec.slot !== slot.name;
    return !moves && !leaves(sub, context);
  });
  if (staying.length === 0) return [];
  return [
    hazard(
      'block',
      'SLOT_TAKEN',
      slot.address,
      `Slot ${slot.name} on node ${slot.node} is read by ${listNames(staying.map(({ address }) => address))}, which this plan keeps.`,
      'Drop the subscription too, or keep the slot.',
    ),
  ];
};

export const droppedSlotHazards = (slot: Slot, context: PlanContext): readonly FoundHazard[] => {
  const readers = liveReaders(slot, context);
  return [slotDrop(slot, readers, context), ...stillRead(slot, readers, context)];
};

/** A slot that steep forgets, and that will have no reader: its position stays, and so does the WAL after it. */
export const keptSlotHazards = (slot: Slot, context: PlanContext): readonly FoundHazard[] => {
  const isRead = liveReaders(slot, context).some((sub) => !leaves(sub, context));
  if (isRead) return [];
  return [
    hazard(
      'warning',
      'ORPHAN_SLOT',
      slot.address,
      `Slot ${slot.name} on node ${slot.node} stays ${position(slot.observed)}; nobody reads it any more, and it keeps WAL without limit.`,
      `To continue from there: CREATE SUBSCRIPTION … WITH (create_slot = false, slot_name = '${slot.name}', copy_data = false). To drop it: SELECT pg_catalog.pg_drop_replication_slot('${slot.name}');`,
    ),
  ];
};

const failoverOff = (slot: Slot, context: PlanContext): readonly FoundHazard[] => {
  const server = serverOf(context, slot.node);
  const wanted = readersOf(slot, context).some((sub) => sub.spec.options.failover === 'true');
  if (server.physicalStandbys === 0 || !server.features.failoverSlots || wanted) return [];
  return [
    hazard(
      'warning',
      'FAILOVER_SLOT_OFF',
      slot.address,
      `Node ${slot.node} has ${plural(server.physicalStandbys, 'standby')}; slot ${slot.name} is not a failover slot, so it is lost in a promotion.`,
      'Set options: { failover: true } on the subscription, and sync_replication_slots on the standby.',
    ),
  ];
};

/** `waits`: as it does unless it is a copy of another slot. */
export const createdSlotHazards = (
  slot: Slot,
  context: PlanContext,
  waits = true,
): readonly FoundHazard[] => {
  const { writers } = serverOf(context, slot.node);
  const oldest = writers[0];
  const waiting =
    oldest === undefined || !waits
      ? []
      : [
          hazard(
            'warning',
            'SLOT_CREATE_WAITS',
            slot.address,
            `Creating slot ${slot.name} waits for ${plural(writers.length, 'open write transaction')} of the whole cluster; the oldest is ${describeTransaction(oldest)}.`,
            'End those transactions, or raise --slot-timeout.',
          ),
        ];
  return [...waiting, ...failoverOff(slot, context)];
};

/** The wait for the old slot ends only if a subscription reads it, or if it has passed the start of the new one. */
export const unreadSlotHazard = (
  live: Subscription,
  desired: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { source, slot } = desired.spec;
  if (live.spec.enabled || source === null || slot === null || live.spec.slot === null) return [];
  const from = have(context, 'slot', source, live.spec.slot)?.observed?.confirmedFlushLsn;
  const to = have(context, 'slot', source, slot)?.observed?.confirmedFlushLsn;
  if (from && to && lsnDistance(from, to) <= 0) return [];
  return [
    hazard(
      'block',
      'SLOT_UNREAD',
      desired.address,
      `Subscription ${live.name} is disabled and has not read all changes in its slot ${live.spec.slot}: with a slot that starts later, those changes never arrive.`,
      `Enable it first, in a separate change. Or let the new slot start at the position of the old one, on node ${source}: SELECT pg_catalog.pg_copy_logical_replication_slot('${live.spec.slot}', '${slot}');`,
    ),
  ];
};

/** How much more WAL fits in before the slot is lost. */
const walLeft = ({ safeWalSize }: SlotObserved, cap: number | null): string =>
  cap === null
    ? 'max_slot_wal_keep_size sets no limit, so the disk can fill'
    : `${formatSize(safeWalSize)} are left before it is lost (max_slot_wal_keep_size = ${formatSize(cap)})`;

const stateOf = ({ active }: SlotObserved, waitsFor: SnapshotSlot | undefined): string => {
  if (waitsFor !== undefined)
    return `is kept for nodes that start from snapshot ${waitsFor.snapshotId}`;
  return active ? 'is slow' : 'is inactive';
};

/** Worth a word when a quarter of the cap is used; without a cap, from 1 GB. */
const retention = (slot: Slot, context: PlanContext): readonly FoundHazard[] => {
  const { observed } = slot;
  if (observed === null || observed.retainedBytes === null) return [];
  const cap = serverOf(context, slot.node).maxSlotWalKeepSize;
  const bound = cap === null ? 1024 ** 3 : cap / 4;
  if (observed.walStatus === 'lost' || observed.retainedBytes < bound) return [];
  const waitsFor = snapshotOfSlot(slot, context.live.nodes);
  return [
    hazard(
      'warning',
      'WAL_RETENTION',
      slot.address,
      `Slot ${slot.name} ${stateOf(observed, waitsFor)} and keeps ${formatSize(observed.retainedBytes)} of WAL on node ${slot.node}; ${walLeft(observed, cap)}.`,
      waitsFor === undefined
        ? 'Find out why its subscriber does not read: steep status.'
        : `When no node will start from snapshot ${waitsFor.snapshotId} any more: ${deleteSnapshotCommand(waitsFor, slot.node)}`,
    ),
  ];
};

const unread = (slot: Slot, context: PlanContext): readonly FoundHazard[] => {
  const readers = [...context.have.values()]
    .filter(isKind('subscription'))
    .some(({ spec }) => spec.source === slot.node && spec.slot === slot.name);
  const wanted =
    readersOf(slot, context).length > 0 ||
    awaitingReader(slot, context.desired, context.live) !== undefined;
  const waits = snapshotOfSlot(slot, context.live.nodes) !== undefined;
  if (readers || wanted || waits || !slot.owned || slot.observed?.active === true) return [];
  return [
    hazard(
      'warning',
      'ORPHAN_SLOT',
      slot.address,
      `No subscription reads slot ${slot.name} on node ${slot.node} any more; it keeps WAL without limit.`,
      'Drop it with --prune.',
    ),
  ];
};

/** What is wrong with slots now, whatever is planned: both ends of every edge are looked at. */
export const existingSlotHazards = (context: PlanContext): readonly FoundHazard[] => {
  const slots = [...context.have.values()].filter(isKind('slot'));
  const subs = [...context.want.values()].filter(isKind('subscription'));
  return [
    ...subs.flatMap((desired) => {
      const live = have(context, 'subscription', desired.node, desired.name);
      const { source, slot } = live?.spec ?? { source: null, slot: null };
      const found =
        source === null || slot === null ? undefined : have(context, 'slot', source, slot);
      // One that is replaced gets a new slot.
      const stays = live !== undefined && !willBeCreated(desired, context);
      return stays && found !== undefined ? lostSlotHazard(live, found) : [];
    }),
    ...slots
      .filter(
        (slot) =>
          slot.owned ||
          readersOf(slot, context).length > 0 ||
          snapshotOfSlot(slot, context.live.nodes) !== undefined,
      )
      .flatMap((slot) => [...retention(slot, context), ...unread(slot, context)]),
  ];
};
