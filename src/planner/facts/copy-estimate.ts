// The estimate of initial copies: sizes as they were read, times from a rate, WAL from the publisher's rate. What is not
// known stays null: it is never made up. Pure, and all of it for `observed`.

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
import { tableSize } from '../complete/table-size.ts';
import { desiredSubscription, type PlanContext, serverOf, tableOf } from '../context/context.ts';
import { initMethods, methodOf } from '../init/methods/index.ts';
import { isDumped } from './large-tables.ts';
import { sumOrUnknown } from './source-estimate.ts';

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

/** Of what a server reads in one stream and does not store, a copy stores about a fifth: measured; from less than half of that to more than twice. */
const stored = { low: 0.08, high: 0.5 };

/** Before anything was measured: from what a few rows took. */
const probedRate = (
  node: NodeName,
  source: NodeName | null,
  { live }: PlanContext,
): CopyRate | null => {
  const speeds = live.probes?.speeds ?? {};
  const read = source === null ? null : (speeds[source]?.read ?? null);
  if (read === null || source === null) return null;
  const lines = [speeds[source]?.line ?? null, speeds[node]?.line ?? null];
  const line = Math.min(...lines.map((speed) => speed ?? Number.POSITIVE_INFINITY));
  const low = Math.min(read * stored.low, line / 2);
  return {
    origin: 'probed',
    measuredAt: null,
    low,
    high: Math.max(low, Math.min(read * stored.high, line)),
  };
};

/** The rate of copies into a node: what the file says goes before what was measured. Null: unknown. */
/** `probed`: what is taken where neither says anything. */
export const rateOfCopies = (
  configured: number | null,
  copies: readonly MeasuredCopy[],
  probed: CopyRate | null = null,
): CopyRate | null =>
  configured === null
    ? (measuredRate(copies) ?? probed)
    : { origin: 'configured', measuredAt: null, ...around(configured) };

const copyRateOf = ({ node, spec }: Subscription, context: PlanContext): CopyRate | null =>
  rateOfCopies(
    context.desired.policy.copyRate,
    context.live.nodes[node]?.pace.copies ?? [],
    probedRate(node, spec.source, context),
  );

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

/**
 * A measured rate is of what tables take on the disk of a subscriber: values that are compressed there count as they are
 * stored. What a filter leaves out counts nowhere.
 */
const weightOf = (
  copy: Copy,
  bytes: number | null,
  sub: Subscription,
  context: PlanContext,
): number | null => {
  const { source } = sub.spec;
  const table = source === null ? undefined : tableOf(context, source, copy.spec.table);
  const isOfDisk = copyRateOf(sub, context)?.origin === 'measured';
  if (bytes === null || source === null || table === undefined || !isOfDisk) return bytes;
  return Math.min(bytes, tableSize(table, context.tables.get(source) ?? new Map<string, Table>()));
};

/** Size and rows of one table, as its method brings them, and its part of the time. */
export const estimateOf = (copy: Copy, sub: Subscription, context: PlanContext): CopyEstimate => {
  const { estimate } = methodOf(sub, context) ?? initMethods.native;
  const { rows, bytes } = estimate(copy, sub, context);
  const weight = weightOf(copy, bytes, sub, context);
  const rate = copyRateOf(sub, context);
  return { bytes, rows, seconds: secondsOf(weight, rate, streamsOf(copy, sub, context)) };
};

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
  const estimates = copies.map((copy) => estimateOf(copy, sub, context));
  const bytes = sumOrUnknown(estimates.map((estimate) => estimate.bytes));
  const rate = copyRateOf(sub, context);
  const weights = copies.map((copy, at) =>
    weightOf(copy, estimates[at]?.bytes ?? null, sub, context),
  );
  const seconds = together(secondsOf(sumOrUnknown(weights), rate), estimates);
  const { source } = sub.spec;
  return {
    tables: copies.length,
    rows: sumOrUnknown(estimates.map((estimate) => estimate.rows)),
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
  const estimates = edges.map(([, estimate]) => estimate);
  return {
    tables: estimates.reduce((sum, { tables }) => sum + tables, 0),
    rows: sumOrUnknown(estimates.map(({ rows }) => rows)),
    bytes: sumOrUnknown(estimates.map(({ bytes }) => bytes)),
    seconds: longest(edges),
    edges: Object.fromEntries(
      edges.map(([{ address }, estimate]): readonly [Address, EdgeEstimate] => [address, estimate]),
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
