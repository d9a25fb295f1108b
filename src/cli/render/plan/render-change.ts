// One change of a plan: its symbol, its fields before and after, and its hazards.

import type { ChangeAction, ChangeDetail, Plan, PlannedChange } from '../../../model/plan/plan.ts';
import { printable } from '../../../model/printable.ts';
import { formatSize } from '../../../model/quantity.ts';
import { padTo } from '../layout.ts';
import type { Style } from '../style.ts';
import { renderHazards } from './render-hazard.ts';

/** ASCII, so that every terminal and every diff shows them. */
export const symbols: Readonly<Record<ChangeAction, string>> = {
  create: '+',
  change: '~',
  replace: '-/+',
  drop: '-',
  copy: '>',
  adopt: '=',
  forget: '.',
  left: '?',
};

/** The column where the short explanation of a change begins. */
const noteColumn = 58;
const itemsShown = 20;

/** Symbol and name, then a note in its column. */
export const changeLine = (
  action: ChangeAction,
  name: string,
  note: string,
  style: Style,
): string => {
  const head = `  ${symbols[action]} ${name}`;
  const painted = style.action[action](head);
  return note === '' ? painted : `${padTo(painted, noteColumn - 2)}  ${style.dim(`# ${note}`)}`;
};

/** A change with its details and hazards, one line each. */
export const renderChange = (
  change: PlannedChange,
  plan: Plan,
  style: Style,
): readonly string[] => [
  changeLine(
    change.action,
    printable(`${change.kind}.${change.name}`),
    noteOf(change, plan),
    style,
  ),
  ...change.details.flatMap((detail) => renderDetail(detail)),
  ...renderHazards(change.hazards, plan, style),
];

/** The summary, and what becomes of the slot: its position is an asset. */
export const noteOf = (change: PlannedChange, plan: Plan): string => {
  const slot = plan.observed.slots[change.address];
  const kept =
    slot === undefined || change.action !== 'change'
      ? []
      : [`slot kept at ${printable(slot.lsn ?? 'unknown')} (lag ${formatSize(slot.lagBytes)})`];
  return [printable(change.summary), ...kept].filter((part) => part !== '').join(', ');
};

/** A field with its values, or the items of a list, one line each. */
export const renderDetail = (detail: ChangeDetail): readonly string[] => {
  const items = [
    ...(detail.added ?? []).map((item) => `+ ${item}`),
    ...(detail.removed ?? []).map((item) => `- ${item}`),
  ].map(printable);
  const lines = [...valuesOf(detail), ...listed(items)];
  const head = `      ${printable(detail.field)}: `;
  const hanging = ' '.repeat(head.length);
  return lines.map((line, index) => (index === 0 ? head : hanging) + line);
};

const valuesOf = ({ before, after }: ChangeDetail): readonly string[] => {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [printable(after ?? '')];
  return [`${printable(before)} -> ${after === undefined ? 'none' : printable(after)}`];
};

const listed = (items: readonly string[]): readonly string[] =>
  items.length <= itemsShown
    ? items
    : [...items.slice(0, itemsShown), `… and ${items.length - itemsShown} more`];
