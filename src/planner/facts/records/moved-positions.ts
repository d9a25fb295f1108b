// The positions of a subscription. While it is disabled, its slot and its origin stay where they are, unless another session
// moves them; another slot that it is told to read has a position of its own. What is skipped then never arrives.

import type { EdgeRecord, MovedPosition, PausedPosition } from '../../../model/edge/edge-record.ts';
import { lsnDistance } from '../../../model/lsn.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { NodeState } from '../../../model/state/state.ts';
import { samePublisher } from '../unsent-tables.ts';

type Subscription = ResourceOf<'subscription'>;

/** Undefined: it is enabled, a process still works for it, or its slot is not known. */
export const pausedAt = (
  { spec, observed }: Subscription,
  { resources }: NodeState,
): PausedPosition | undefined => {
  const slot = resources.find((it) => it.kind === 'slot' && it.name === spec.slot);
  if (spec.enabled || observed === null || observed.workerRunning) return undefined;
  if (slot?.kind !== 'slot' || slot.observed === null || slot.observed.active) return undefined;
  const { confirmedFlushLsn: confirmed } = slot.observed;
  const applied = observed.appliedLsn ?? null;
  return confirmed === null ? undefined : { confirmed, applied };
};

/** Two positions of a publisher; null: one of them is not known. */
const isAfter = (now: string | null, before: string | null): boolean =>
  now !== null && before !== null && lsnDistance(before, now) > 0;

/**
 * A slot that was read in between has decoded transactions. Its counter stays where pg_replication_slot_advance or
 * pg_replication_origin_advance is called.
 */
const wasNotRead = ({ slot: before }: EdgeRecord, { slot: now }: EdgeRecord): boolean =>
  before !== null &&
  now !== null &&
  before.name === now.name &&
  before.countingSince === now.countingSince &&
  before.resetAt === now.resetAt &&
  before.transactions === now.transactions;

/** No run of steep has changed the subscription since it was noted. */
export const isAsApplied = (noted: EdgeRecord, now: EdgeRecord): boolean =>
  noted.appliedBy !== undefined && noted.appliedBy === now.appliedBy && noted.source === now.source;

/** The slot that it reads instead of the one that steep gave it. */
export const otherSlot = (noted: EdgeRecord, now: EdgeRecord): MovedPosition | undefined => {
  const [from, to] = [noted.slot?.name, now.slot?.name];
  const isOther = from !== undefined && to !== undefined && from !== to;
  return isOther && isAsApplied(noted, now) ? { what: 'reader', from, to } : undefined;
};

/** What was moved by hand, and stays on record; undefined: nothing is known to be. */
export const movedSince = (noted: EdgeRecord, now: EdgeRecord): MovedPosition | undefined => {
  if (noted.subscription !== now.subscription) return undefined;
  const { paused: before } = noted;
  const moved = noted.moved ?? otherSlot(noted, now);
  if (moved !== undefined) return moved;
  const { paused } = now;
  const isComparable = samePublisher(noted, now) && wasNotRead(noted, now);
  if (before === undefined || paused === undefined || !isComparable) return undefined;
  if (isAfter(paused.confirmed, before.confirmed))
    return { what: 'slot', from: before.confirmed, to: paused.confirmed };
  return isAfter(paused.applied, before.applied)
    ? { what: 'origin', from: before.applied ?? '', to: paused.applied ?? '' }
    : undefined;
};
