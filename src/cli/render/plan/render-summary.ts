// The first and the last lines of a plan. Pipelines read them: their words do not change.

import { plural } from '../../../model/listing.ts';
import type { ChangeAction, Plan } from '../../../model/plan/plan.ts';
import type { SingleChange } from '../../../model/plan/single-change.ts';
import { printable } from '../../../model/printable.ts';
import { formatCount, formatDuration, formatSize, formatSpan } from '../../../model/quantity.ts';
import { padTo } from '../layout.ts';
import type { Style } from '../style.ts';
import { symbols } from './render-change.ts';
import { renderSize } from './render-copies.ts';

const legendColumn = 46;

/** Always explained; the others only where the plan has them. */
const usual: readonly ChangeAction[] = ['create', 'change', 'drop', 'copy'];

/** In the order of the legend. */
export const actionWords = {
  create: 'create',
  change: 'change in place',
  replace: 'replace',
  drop: 'drop',
  copy: 'copy data',
  adopt: 'adopt',
  forget: 'forget',
  left: 'no longer in steep.yaml',
} as const satisfies Readonly<Record<ChangeAction, string>>;

const actions = Object.keys(actionWords) as readonly ChangeAction[];

/** Whether live and desired agree, and both could be read: a block is about what the file asks for and does not get. */
export const isUnchanged = (plan: Plan): boolean =>
  plan.steps.length === 0 && plan.changes.length === 0 && plan.applyable;

/** How much work it is, what the symbols mean, and when the numbers were read. */
export const renderHeader = (plan: Plan, style: Style): readonly string[] => [
  `${padTo(style.bold(renderWork(plan)), legendColumn)}${legendOf(plan, style)}`,
  style.dim(renderReadAt(plan)),
];

/** `steep will perform 5 steps on 2 nodes.` */
export const renderWork = ({ steps }: Plan): string => {
  const nodes = new Set(steps.map((step) => step.node)).size;
  return nodes === 0
    ? 'steep will perform no steps.'
    : `steep will perform ${plural(steps.length, 'step')} on ${plural(nodes, 'node')}.`;
};

/** When the numbers were true. */
export const renderReadAt = ({ observed: { readAt } }: Plan): string =>
  `Sizes, rows, positions and lag as of ${printable(readAt)}.`;

const legendOf = (plan: Plan, style: Style): string =>
  actions
    .filter((action) => usual.includes(action) || plan.changes.some((it) => it.action === action))
    .map((action) => style.action[action](`${symbols[action]} ${actionWords[action]}`))
    .join('  ');

/** The plan's id in full, since it is what is approved, and the servers that it is for. */
export const renderPlanId = (plan: Plan, style: Style): string => {
  const nodes = plan.nodes.map(({ name, systemIdentifier }) =>
    printable(`${name}@${shortIdentifier(systemIdentifier)}`),
  );
  return style.dim(`plan ${printable(plan.planId)} for ${nodes.join(', ')}`);
};

const shortIdentifier = (identifier: string | null): string => {
  if (identifier === null) return 'unknown';
  return identifier.length <= 8 ? identifier : `${identifier.slice(0, 4)}…${identifier.slice(-3)}`;
};

/** Everything is there as steep.yaml has it: apply writes to steep_repl, and to nothing else. */
const isAdoptOnly = ({ changes, errors }: Plan): boolean =>
  errors.length === 0 &&
  changes.some(({ action }) => action === 'adopt') &&
  changes.every(({ action, kind }) => action === 'adopt' || kind === 'metadata' || kind === 'node');

/** Before the last line, where nothing that replicates is touched. */
export const renderAdoption = (plan: Plan): readonly string[] => {
  if (!isAdoptOnly(plan)) return [];
  const adopted = plan.changes.filter(({ action }) => action === 'adopt').length;
  const rest = 'nothing is created, changed or dropped outside steep_repl';
  return [`Adopt only: steep manages ${plural(adopted, 'more object')}; ${rest}.`];
};

/** What the copies take, where it is known: the last line has their size in any case. */
export const renderEstimate = ({ observed: { estimate } }: Plan): readonly string[] => {
  if (estimate.seconds === null) return [];
  const wal = Object.values(estimate.edges).map((edge) => edge.wal?.bytes?.high ?? null);
  const kept = wal.includes(null)
    ? 'WAL kept during the copy unknown'
    : `up to ${formatSize(wal.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0))} of WAL kept during the copy`;
  return [
    `Copies: ${plural(estimate.tables, 'table')}, ${formatCount(estimate.rows)} rows, ${formatSize(estimate.bytes)}, ${formatSpan(estimate.seconds)}; ${kept}.`,
  ];
};

/** The last line of a plan. */
export const renderSummary = (plan: Plan): string => {
  const { create, change, replace, drop } = plan.summary;
  const changes = `${create} to create, ${change} to change, ${replace} to replace, ${drop} to drop`;
  return `Plan: ${changes}. ${copyPart(plan)} to copy. Hazards: ${hazardPart(plan)}.`;
};

const copyPart = (plan: Plan): string => {
  const copies = plan.changes.filter(({ action }) => action === 'copy');
  const tables = plural(plan.summary.copyTables, 'table');
  return plan.summary.copyTables === 0 ? tables : `${tables} (${renderSize(copies, plan)})`;
};

/** `1 danger, 1 warning`; these two stay at zero. */
export const hazardPart = ({ summary: { block, danger, warning, notice } }: Plan): string =>
  [
    ...(block > 0 ? [plural(block, 'block')] : []),
    plural(danger, 'danger'),
    plural(warning, 'warning'),
    ...(notice > 0 ? [plural(notice, 'notice')] : []),
  ].join(', ');

/** Why one change has nothing to do. */
const nothingToDo = ({ verb, address }: SingleChange): string => {
  const shown = printable(address);
  if (verb === 'drop') return `There is no ${shown}`;
  return verb.startsWith('create') ? `${shown} exists already` : `${shown} is so already`;
};

/** What was found to be as it should. */
export const unchangedWords = ({ targeting, options }: Plan): string => {
  if (options.destroy === true) return 'steep manages nothing here.';
  if (options.change !== undefined) return `${nothingToDo(options.change)}.`;
  return targeting === undefined
    ? 'The topology matches steep.yaml.'
    : 'What is targeted matches steep.yaml.';
};

/** The only line of a plan that found nothing to do. */
export const renderUnchanged = (plan: Plan): string => {
  const { checked, elapsedMs } = plan.observed;
  const counts = [
    plural(checked.nodes, 'node'),
    plural(checked.subscriptions, 'subscription'),
    plural(checked.tables, 'table'),
  ];
  const inTime = `checked in ${formatDuration(elapsedMs)}`;
  return `No changes. ${unchangedWords(plan)} (${counts.join(', ')} ${inTime})`;
};
