// The first copy of tables: its price, and the ways in which it goes wrong silently.

import type { FoundHazard } from '../../model/hazard.ts';
import { formatName } from '../../model/identifier.ts';
import type { EdgePrice, WalRate } from '../../model/price.ts';
import { formatCount, formatSize, formatSpan } from '../../model/quantity.ts';
import type { ResourceOf } from '../../model/resource.ts';
import { desiredSubscription, have, type PlanContext, tableOf } from '../context.ts';
import { edgePrice } from '../price.ts';
import { type CopiedPair, copiedPair, type Growth, growthOf } from '../rules/pair.ts';
import { counted, hazard, listNames } from './hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

const resyncCopy = (
  copies: readonly Copy[],
  sub: Subscription,
  price: EdgePrice,
  context: PlanContext,
): FoundHazard => {
  const { bytes, rows } = price;
  const limit = context.desired.policy.copyConfirmAbove;
  const names = listNames(copies.map((copy) => formatName(copy.spec.table)));
  const above = bytes !== null && bytes > limit;
  return hazard(
    above ? 'danger' : 'warning',
    'RESYNC_COPY',
    sub.address,
    `Copies ${counted(copies.length, 'table')} from ${sub.spec.source ?? '?'} (${names}): ${formatCount(rows)} rows, ${formatSize(bytes)}, ${timeOf(price)}, ${walOf(price)}; ${above ? `more than copy_confirm_above (${formatSize(limit)})` : 'PostgreSQL copies each table in one stream'}.`,
    'Plan it for a time at which the publisher can bear the reads and keep the WAL.',
  );
};

/** `about 8-14 min (60.0 MB/s, measured 2026-01-31)`. */
const timeOf = ({ seconds, rate }: EdgePrice): string => {
  if (rate === null) return 'time unknown (policy.copy_rate gives a rate)';
  const origin = rate.measuredAt === null ? rate.origin : `measured ${dayOf(rate.measuredAt)}`;
  return `${formatSpan(seconds)} (${formatRate(rate.low)} to ${formatRate(rate.high)}, ${origin})`;
};

const walOf = ({ wal }: EdgePrice): string => {
  const [cap = null, rate = null, bytes = null] = [wal?.cap, wal?.rate, wal?.bytes];
  if (rate === null || bytes === null) return 'WAL kept meanwhile unknown';
  const bound = cap === null ? 'no cap but the disk' : `cap ${formatSize(cap)}`;
  return `keeps up to ${formatSize(bytes.high)} of WAL meanwhile (${walRate(rate)}), ${bound}`;
};

const walRate = ({ bytesPerSecond, since }: WalRate): string =>
  `${formatRate(bytesPerSecond)} since ${dayOf(since)}`;

/** Bytes a second. */
const formatRate = (rate: number): string => `${formatSize(Math.round(rate))}/s`;

/** Of a time in RFC 3339. */
const dayOf = (time: string): string => time.slice(0, 10);

/** The slot is lost, and the copy in vain, where more WAL is written meanwhile than slots may keep. */
const slotTooSmall = (sub: Subscription, { seconds, wal }: EdgePrice): readonly FoundHazard[] => {
  const [cap = null, rate = null, bytes = null] = [wal?.cap, wal?.rate, wal?.bytes];
  if (cap === null || rate === null || bytes === null || bytes.high <= cap) return [];
  const publisher = sub.spec.source ?? '?';
  return [
    hazard(
      'danger',
      'WAL_RETENTION',
      sub.address,
      `The copy takes ${formatSpan(seconds)}, and its slots keep up to ${formatSize(bytes.high)} of WAL on node ${publisher} meanwhile (${walRate(rate)}); max_slot_wal_keep_size is ${formatSize(cap)}: a slot may be lost before the copy ends, and the copy with it.`,
      `Raise max_slot_wal_keep_size on node ${publisher} first, or copy while little is written there.`,
    ),
  ];
};

const intoNonempty = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const filled = copies.flatMap((copy) => {
    const table = tableOf(context, sub.node, copy.spec.table);
    return table?.hasRows === true ? [table] : [];
  });
  if (filled.length === 0) return [];
  const names = listNames(
    filled.map((table) => `${formatName(table.name)}: ${formatCount(table.estimatedRows)} rows`),
  );
  const pair = copiedPair(sub, context);
  const growth = pair === null ? null : growthOf(pair, context);
  // Once the way back is paused, such rows wait in its slot: they are no reason to stop for good.
  if (pair !== null && growth?.admitted !== true) {
    const cure = cureOfPair(pair, growth, context);
    return [intoPair(pair, `${counted(filled.length, 'table')} (${names})`, cure)];
  }
  return [
    hazard(
      'danger',
      'COPY_INTO_NONEMPTY',
      sub.address,
      `${counted(filled.length, 'table')} on node ${sub.node} ${filled.length === 1 ? 'holds' : 'hold'} rows already, or may (${names}): with a key the copy fails again and again and the slot is held for ever; without one the rows stand twice.`,
      'Empty the tables on the subscriber first, or use init: none where both sides hold the same rows.',
    ),
  ];
};

/** Rows of the second node that nobody would bring to the first one. */
const intoPair = (
  { name, forth: { node, address, spec } }: CopiedPair,
  filled: string,
  cure: string,
) =>
  hazard(
    'block',
    'COPY_INTO_NONEMPTY',
    address,
    `Pair ${name} copies from ${spec.source ?? '?'} to ${node}, and on ${node} ${filled} hold rows already, or may: rows that are only there would never reach ${spec.source ?? '?'}, and the others would collide.`,
    `${cure} Where both sides hold the same rows: init: { method: none }.`,
  );

/** How the tables of the second node become empty, and no others with them. */
const cureOfPair = (
  { name, forth, back }: CopiedPair,
  growth: Growth | null,
  context: PlanContext,
): string => {
  const { node, spec } = forth;
  const first = spec.source ?? '?';
  if (growth?.known === true) {
    return `DELETE those rows on node ${node}, which deletes them on ${first} too. Do not TRUNCATE: that is replicated, and would empty both sides.`;
  }
  // The way back of before is still there, and is to be replaced.
  if (growth === null && have(context, 'subscription', back.node, back.name) !== undefined) {
    return `Do not empty them yet: ${back.name} would empty node ${first} too. Take pair ${name} out of the file, apply with --prune, empty them on node ${node}, and put the pair back.`;
  }
  return `Empty them on node ${node}, or name the nodes the other way round if its rows are the ones to copy.`;
};

/** Both sides draw numbers. */
export const pairSequences = (
  added: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const pair = desiredSubscription(context, sub.node, sub.name)?.pair ?? null;
  const fed = added.filter(
    (copy) => tableOf(context, sub.node, copy.spec.table)?.hasSequence === true,
  );
  if (pair === null || fed.length === 0) return [];
  const names = listNames(fed.map((copy) => formatName(copy.spec.table)));
  return [
    hazard(
      'warning',
      'SEQUENCE_BEHIND',
      sub.address,
      `Sequences are not replicated, and both sides of pair ${pair.name} draw from their own: unless these numbers are apart, an INSERT on node ${sub.node} into ${names} takes one that ${sub.spec.source ?? '?'} has used.`,
      'Keep them apart before anybody writes: ALTER SEQUENCE … INCREMENT BY 2 on both, RESTART one at an odd and one at an even number above all that are in use.',
    ),
  ];
};

const sequences = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const fed = copies.filter(
    (copy) => tableOf(context, sub.node, copy.spec.table)?.hasSequence === true,
  );
  if (fed.length === 0) return [];
  const names = listNames(fed.map((copy) => formatName(copy.spec.table)));
  return [
    hazard(
      'warning',
      'SEQUENCE_BEHIND',
      sub.address,
      `Sequences are not replicated: those of ${names} stay behind on node ${sub.node}, and the first INSERT there after a cut-over would collide.`,
      'Set them with setval() before anybody writes on the subscriber.',
    ),
  ];
};

/** What the copies of one subscription mean, together. `copies`: the tables that are copied anew. */
export const copyHazards = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (copies.length === 0) return [];
  const price = edgePrice(copies, sub, context);
  return [
    resyncCopy(copies, sub, price, context),
    ...slotTooSmall(sub, price),
    ...intoNonempty(copies, sub, context),
    ...(desiredSubscription(context, sub.node, sub.name)?.pair
      ? []
      : sequences(copies, sub, context)),
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
    'To undo it: take the tables out of the publication and refresh again.',
  );
  if (!copyData || live?.observed?.twoPhaseState !== 'enabled') return [notice];
  return [
    notice,
    hazard(
      'block',
      'TWO_PHASE_REFRESH',
      sub.address,
      `Subscription ${sub.name} has two_phase enabled, and PostgreSQL refuses a refresh with copy_data = true then.`,
      'Give the new tables a subscription of their own, or set init: { method: none } and bring the rows by hand.',
    ),
  ];
};
