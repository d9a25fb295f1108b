// The tables to copy, grouped by the subscription that fills them, and their estimates.

import type { Plan, PlannedChange } from '../../../model/plan/plan.ts';
import { printable } from '../../../model/printable.ts';
import { formatCount, formatSize, formatSpan } from '../../../model/quantity.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { Style } from '../style.ts';
import { changeLine } from './render-change.ts';
import { isSevere, renderHazards } from './render-hazard.ts';

const tablesShown = 20;

/** A copy is named `subscription:schema.table`; a quoted name may hold colons itself. */
const copyName = /^("(?:[^"]|"")*"|[^:"]*):(.*)$/s;

/** The subscription that a copy belongs to, as its address names it. */
export const subscriptionInAddress = (copy: PlannedChange): string => {
  const quoted = copyName.exec(copy.name)?.[1] ?? '';
  return quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
};

/** `schema.table`. */
export const tableInAddress = (copy: PlannedChange): string =>
  copyName.exec(copy.name)?.[2] ?? copy.name;

/** The copies of one subscription: at most 20 tables, then how many more. */
export const renderCopies = (
  copies: readonly PlannedChange[],
  plan: Plan,
  style: Style,
): readonly string[] => {
  const shown = copies.slice(0, tablesShown);
  const rest = copies.slice(tablesShown);
  return [
    ...shown.flatMap((copy) => [
      changeLine('copy', `table ${printable(tableInAddress(copy))}`, noteOf(copy, plan), style),
      ...renderHazards(copy.hazards, plan, style),
    ]),
    ...(rest.length > 0 ? renderRest(rest, plan, style) : []),
  ];
};

/** What is not listed is still counted, estimated, and warned about where it is dangerous. */
const renderRest = (
  rest: readonly PlannedChange[],
  plan: Plan,
  style: Style,
): readonly string[] => [
  changeLine('copy', `… and ${rest.length} more`, renderSize(rest, plan), style),
  ...renderHazards(rest.flatMap((copy) => copy.hazards).filter(isSevere), plan, style),
];

const noteOf = (copy: PlannedChange, plan: Plan): string => {
  const { rows = null, bytes = null, seconds = null } = plan.observed.copies[copy.address] ?? {};
  const owner = printable(subscriptionInAddress(copy));
  return [
    printable(copy.summary),
    ...(owner === '' ? [] : [`for ${owner}`]),
    rows === null ? 'rows unknown' : `${formatCount(rows)} rows`,
    bytes === null ? 'size unknown' : formatSize(bytes),
    ...(seconds === null ? [] : [formatSpan(seconds)]),
  ].join(', ');
};

/** `41.2 GB`, or what is known of it. */
export const renderSize = (copies: readonly PlannedChange[], plan: Plan): string => {
  const sizes = copies.map((copy) => plan.observed.copies[copy.address]?.bytes ?? null);
  const known = sizes.filter((size) => size !== null);
  if (known.length === 0) return 'size unknown';
  const sum = formatSize(known.reduce((total, size) => total + size, 0));
  return known.length === sizes.length ? sum : `at least ${sum}`;
};

/** The copies of a node, by the address of the subscription that they belong to. */
export const groupCopies = (
  copies: readonly PlannedChange[],
): ReadonlyMap<string, readonly PlannedChange[]> => {
  const groups = new Map<string, PlannedChange[]>();
  for (const copy of copies) {
    const owner = addressOf(copy.node, 'subscription', subscriptionInAddress(copy));
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [copy]);
    else group.push(copy);
  }
  return groups;
};
