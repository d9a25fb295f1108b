// The price of initial copies: sizes as they were read, times from a rate, WAL from the publisher's rate. What is not
// known stays null: it is never made up. Pure, and all of it for `observed`.

import { formatName } from '../../model/identifier.ts';
import type {
  CopyEstimate,
  CopyRate,
  EdgeEstimate,
  KeptWal,
  MeasuredCopy,
  PlanEstimate,
  Span,
} from '../../model/plan/copy-estimate.ts';
import type { Address, NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { Table } from '../../model/state/table.ts';
import { heapsOf, tableSize } from '../complete/table-size.ts';
import { desiredSubscription, type PlanContext, serverOf, tableOf } from '../context/context.ts';
import { isDumped } from './large-tables.ts';
import { snapshotFactsOf } from './loaded-tables.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** No estimate is better than this: a quarter less, or a quarter more. */
const spread = { low: 0.75, high: 1.25 };

/** Time is the size by the rate, so the slowest rate is the one of the longest time. */
const around = (rate: number): Span => ({ low: rate / spread.high, high: rate / spread.low });

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

const measuredRate = (copies: readonly MeasuredCopy[]): CopyRate | null => {
  const rates = copies
    .filter(({ durationMs }) => durationMs > 0)
    .map(({ bytes, durationMs }) => (bytes * 1000) / durationMs)
    .toSorted((a, b) => a - b);
  const [slowest] = rates;
  if (slowest === undefined) return null;
  const usual = around(median(rates));
  return {
    origin: 'measured',
    measuredAt: copies[0]?.at ?? null,
    low: Math.min(slowest, usual.low),
    high: Math.max(rates.at(-1) ?? 0, usual.high),
  };
};

/** The rate of copies into a node: what the file says goes before what was measured. Null: unknown. */
const copyRateOf = (node: NodeName, { desired, live }: PlanContext): CopyRate | null => {
  const { copyRate } = desired.policy;
  if (copyRate !== null) return { origin: 'configured', measuredAt: null, ...around(copyRate) };
  return measuredRate(live.nodes[node]?.pace.copies ?? []);
};

/** `streams`: how many share the rate; what travels in one of them has at least its part of it, and at most all. */
const secondsOf = (bytes: number | null, rate: Span | null, streams = 1): Span | null =>
  bytes === null || rate === null
    ? null
    : { low: bytes / rate.high, high: (bytes * streams) / rate.low };

/** A table that pg_dump reads is not shared out among the workers. */
const streamsOf = (copy: Copy, sub: Subscription, context: PlanContext): number =>
  isDumped(copy, sub, context)
    ? (desiredSubscription(context, sub.node, sub.name)?.copyWorkers ?? 1)
    : 1;

/** All tables share the rate; the slowest of them may end last. */
const together = (whole: Span | null, parts: readonly CopyEstimate[]): Span | null =>
  whole === null
    ? null
    : {
        low: whole.low,
        high: Math.max(whole.high, ...parts.map(({ seconds }) => seconds?.high ?? 0)),
      };

/** Size and rows of one table on its publisher, and its part of the time. Partitioned tables: their leaves. */
export const estimateOf = (copy: Copy, sub: Subscription, context: PlanContext): CopyEstimate => {
  const { source } = sub.spec;
  const name = formatName(copy.spec.table);
  const loaded = snapshotFactsOf(sub, context)?.tables.find((it) => formatName(it) === name);
  if (loaded !== undefined) {
    const { size: bytes, rows } = loaded;
    return { bytes, rows, seconds: secondsOf(bytes, copyRateOf(sub.node, context)) };
  }
  const table = source === null ? undefined : tableOf(context, source, copy.spec.table);
  if (table === undefined || source === null) return { bytes: null, rows: null, seconds: null };
  const index = context.tables.get(source) ?? new Map<string, Table>();
  const bytes = tableSize(table, index);
  return {
    bytes,
    rows: sumOrUnknown(heapsOf(table, index).map(({ estimatedRows }) => estimatedRows)),
    seconds: secondsOf(bytes, copyRateOf(sub.node, context), streamsOf(copy, sub, context)),
  };
};

const sumOrUnknown = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );

const keptWal = (publisher: NodeName, seconds: Span | null, context: PlanContext): KeptWal => {
  const rate = context.live.nodes[publisher]?.pace.wal ?? null;
  const kept = (time: number): number => Math.round(time * (rate?.bytesPerSecond ?? 0));
  return {
    publisher,
    rate,
    bytes:
      rate === null || seconds === null
        ? null
        : { low: kept(seconds.low), high: kept(seconds.high) },
    cap: serverOf(context, publisher).maxSlotWalKeepSize,
  };
};

/** The copies of one subscription together. */
export const edgeEstimate = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): EdgeEstimate => {
  const prices = copies.map((copy) => estimateOf(copy, sub, context));
  const bytes = sumOrUnknown(prices.map((price) => price.bytes));
  const rate = copyRateOf(sub.node, context);
  const seconds = together(secondsOf(bytes, rate), prices);
  const { source } = sub.spec;
  return {
    tables: copies.length,
    rows: sumOrUnknown(prices.map((price) => price.rows)),
    bytes,
    seconds,
    rate,
    wal: source === null ? null : keptWal(source, seconds, context),
  };
};

/** Everything that a plan copies, by subscription. */
export const totalEstimate = (
  edges: readonly (readonly [Subscription, EdgeEstimate])[],
): PlanEstimate => {
  const prices = edges.map(([, price]) => price);
  return {
    tables: prices.reduce((sum, { tables }) => sum + tables, 0),
    rows: sumOrUnknown(prices.map(({ rows }) => rows)),
    bytes: sumOrUnknown(prices.map(({ bytes }) => bytes)),
    seconds: longest(edges),
    edges: Object.fromEntries(
      edges.map(([{ address }, price]): readonly [Address, EdgeEstimate] => [address, price]),
    ),
  };
};

/** One after another on a node, side by side on several: the node that takes longest decides. */
const longest = (edges: readonly (readonly [Subscription, EdgeEstimate])[]): Span | null => {
  if (edges.length === 0) return null;
  const end = (pick: (span: Span) => number): number | null => {
    const ofNode = new Map<NodeName, number>();
    for (const [{ node }, { seconds }] of edges) {
      if (seconds === null) return null;
      ofNode.set(node, (ofNode.get(node) ?? 0) + pick(seconds));
    }
    return Math.max(...ofNode.values());
  };
  const [low, high] = [end((span) => span.low), end((span) => span.high)];
  return low === null || high === null ? null : { low, high };
};
