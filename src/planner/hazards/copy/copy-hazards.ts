// The initial copy of tables: its estimate, and the ways in which it goes wrong silently.

import { formatName } from '../../../model/identifier.ts';
import { listNames, plural } from '../../../model/listing.ts';
import type { EdgeEstimate, WalRate } from '../../../model/plan/copy-estimate.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatCount, formatSize, formatSpan } from '../../../model/quantity.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, have, type PlanContext } from '../../context/context.ts';
import { edgeEstimate } from '../../facts/copy-estimate.ts';
import { snapshotFactsOf } from '../../facts/snapshot/loaded-tables.ts';
import { hazard } from '../hazard.ts';
import { intoNonempty } from './nonempty-hazards.ts';
import { sequenceHazards } from './sequence-hazards.ts';
import { copiesBesideOthers } from './shared-tables.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

const resyncCopy = (
  copies: readonly Copy[],
  sub: Subscription,
  estimate: EdgeEstimate,
  workers: number | null,
  context: PlanContext,
): FoundHazard => {
  const { bytes, rows } = estimate;
  const limit = context.desired.policy.copyConfirmAbove;
  const names = listNames(copies.map((copy) => formatName(copy.spec.table)));
  const above = bytes !== null && bytes > limit;
  const facts = snapshotFactsOf(sub, context);
  const verb = facts === null ? 'copies' : 'loads';
  const from =
    facts === null
      ? `Copies ${plural(copies.length, 'table')} from ${sub.spec.source ?? '?'}`
      : `Loads ${plural(copies.length, 'table')} of snapshot ${facts.snapshotId}`;
  return hazard(
    above ? 'danger' : 'warning',
    'RESYNC_COPY',
    sub.address,
    `${from} (${names}): ${formatCount(rows)} rows, ${formatSize(bytes)}, ${timeOf(estimate)}, ${walOf(estimate)}; ${above ? `more than copy_confirm_above (${formatSize(limit)})` : streams(verb, workers)}.`,
    facts === null
      ? 'Apply it when the publisher can handle the reads and has space for the WAL.'
      : 'Apply it when the subscriber can handle the writes and the publisher has space for the WAL.',
  );
};

const streams = (verb: string, workers: number | null): string =>
  workers === null
    ? 'PostgreSQL copies each table in one stream'
    : `steep ${verb} with ${plural(workers, 'worker')}`;

/** `about 8-14 min (60.0 MB/s, measured 2026-01-31)`. */
export const timeOf = ({ seconds, rate }: EdgeEstimate): string => {
  if (rate === null) return 'time unknown (policy.copy_rate gives a rate)';
  const origin = rate.measuredAt === null ? rate.origin : `measured ${dayOf(rate.measuredAt)}`;
  return `${formatSpan(seconds)} (${formatRate(rate.low)} to ${formatRate(rate.high)}, ${origin})`;
};

const walOf = ({ wal }: EdgeEstimate): string => {
  const [cap = null, rate = null, bytes = null] = [wal?.cap, wal?.rate, wal?.bytes];
  if (rate === null || bytes === null) return 'WAL kept during the copy unknown';
  const bound = cap === null ? 'limited by the disk only' : `cap ${formatSize(cap)}`;
  return `keeps up to ${formatSize(bytes.high)} of WAL during the copy (${walRate(rate)}), ${bound}`;
};

const walRate = ({ bytesPerSecond, since }: WalRate): string =>
  `${formatRate(bytesPerSecond)} since ${dayOf(since)}`;

/** Bytes a second. */
const formatRate = (rate: number): string => `${formatSize(Math.round(rate))}/s`;

/** Of a time in RFC 3339. */
const dayOf = (time: string): string => time.slice(0, 10);

/** The slot is lost, and the copy fails, where more WAL is written meanwhile than slots may keep. */
const slotTooSmall = (
  sub: Subscription,
  { seconds, wal }: EdgeEstimate,
): readonly FoundHazard[] => {
  const [cap = null, rate = null, bytes = null] = [wal?.cap, wal?.rate, wal?.bytes];
  if (cap === null || rate === null || bytes === null || bytes.high <= cap) return [];
  const publisher = sub.spec.source ?? '?';
  return [
    hazard(
      'danger',
      'WAL_RETENTION',
      sub.address,
      `The copy takes ${formatSpan(seconds)}, and its slots keep up to ${formatSize(bytes.high)} of WAL on node ${publisher} until then (${walRate(rate)}); max_slot_wal_keep_size is ${formatSize(cap)}: a slot may be lost before the copy ends, and the copy with it.`,
      `Raise max_slot_wal_keep_size on node ${publisher} first, or copy while little is written there.`,
    ),
  ];
};

/** `own`: steep copies, which has to be alone in its tables, whatever they hold. */
const amongOtherRows = (
  copies: readonly Copy[],
  sub: Subscription,
  own: boolean,
  context: PlanContext,
): readonly FoundHazard[] => {
  const filled = intoNonempty(copies, sub, own, context);
  const tables = copies.map(({ spec }) => spec.table);
  const shared = copiesBesideOthers(sub, tables, own, context);
  const [first, second] = own ? [shared, filled] : [filled, shared];
  return first.length > 0 ? first : second;
};

/** What the copies of one subscription mean, together. `copies`: the tables that are copied again. */
export const hazardsOfCopies = (
  copies: readonly Copy[],
  sub: Subscription,
  /** Of steep's own copy; null: PostgreSQL copies. */
  workers: number | null,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (copies.length === 0) return [];
  const estimate = edgeEstimate(copies, sub, context);
  return [
    resyncCopy(copies, sub, estimate, workers, context),
    ...slotTooSmall(sub, estimate),
    ...amongOtherRows(copies, sub, workers !== null, context),
    ...(desiredSubscription(context, sub.node, sub.name)?.pair
      ? []
      : sequenceHazards(copies, sub, context)),
  ];
};

/** What a REFRESH means; `copyData`: it copies the tables it finds new. */
export const refreshHazards = (
  sub: Subscription,
  copyData: boolean,
  context: PlanContext,
): readonly FoundHazard[] => {
  const live = have(context, 'subscription', sub.node, sub.name);
  const notice = hazard(
    'notice',
    'NOT_TRANSACTIONAL',
    sub.address,
    `REFRESH PUBLICATION of ${sub.name} cannot run in a transaction and is not rolled back.`,
    'To undo it: remove the tables from the publication and refresh again.',
  );
  if (!copyData || live?.observed?.twoPhaseState !== 'enabled') return [notice];
  return [
    notice,
    hazard(
      'block',
      'TWO_PHASE_REFRESH',
      sub.address,
      `Subscription ${sub.name} has two_phase enabled, so PostgreSQL refuses a refresh with copy_data = true.`,
      'Give the new tables a subscription of their own, or set init: { method: none } and copy the rows by hand.',
    ),
  ];
};
