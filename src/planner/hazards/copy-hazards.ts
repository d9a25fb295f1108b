// The first copy of tables: its price, and the ways in which it goes wrong silently.

import type { FoundHazard } from '../../model/hazard.ts';
import { compareNames, formatName } from '../../model/identifier.ts';
import { formatCount, formatSize } from '../../model/quantity.ts';
import type { ResourceOf } from '../../model/resource.ts';
import type { Table } from '../../model/table.ts';
import { have, type PlanContext, tableOf } from '../context.ts';
import { counted, hazard, listNames } from './hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Bytes and rows of one table on its publisher; null where unknown. Partitioned tables: their leaves. */
export const priceOf = (
  copy: Copy,
  sub: Subscription,
  context: PlanContext,
): { readonly bytes: number | null; readonly rows: number | null } => {
  const { source } = sub.spec;
  const table = source === null ? undefined : tableOf(context, source, copy.spec.table);
  if (table === undefined || source === null) return { bytes: null, rows: null };
  if (!table.partitioned) return { bytes: table.bytes, rows: table.estimatedRows };
  const leaves = leavesBelow(table, context.tables.get(source)?.values() ?? []);
  return {
    bytes: leaves.reduce((sum, leaf) => sum + leaf.bytes, 0),
    rows: sumOrUnknown(leaves.map((leaf) => leaf.estimatedRows)),
  };
};

const leavesBelow = (root: Table, all: Iterable<Table>): readonly Table[] => {
  const tables = [...all];
  const below = (parent: Table): readonly Table[] =>
    tables
      .filter((table) => table.parent !== null && compareNames(table.parent, parent.name) === 0)
      .flatMap((child) => (child.partitioned ? below(child) : [child]));
  return below(root);
};

const sumOrUnknown = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );

const resyncCopy = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): FoundHazard => {
  const prices = copies.map((copy) => priceOf(copy, sub, context));
  const bytes = sumOrUnknown(prices.map((price) => price.bytes));
  const rows = sumOrUnknown(prices.map((price) => price.rows));
  const limit = context.desired.policy.copyConfirmAbove;
  const names = listNames(copies.map((copy) => formatName(copy.spec.table)));
  const above = bytes !== null && bytes > limit;
  return hazard(
    above ? 'danger' : 'warning',
    'RESYNC_COPY',
    sub.address,
    `Copies ${counted(copies.length, 'table')} from ${sub.spec.source ?? '?'} (${names}): ${formatCount(rows)} rows, ${formatSize(bytes)}, time unknown; ${above ? `more than copy_confirm_above (${formatSize(limit)})` : 'PostgreSQL copies each table in one stream'}.`,
    'Plan it for a time at which the publisher can bear the reads and keep the WAL.',
  );
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
  return [
    resyncCopy(copies, sub, context),
    ...intoNonempty(copies, sub, context),
    ...sequences(copies, sub, context),
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
