// A plan for people: what changes on each node, the steps, the dangers, the last line.

import type { Plan, PlannedChange, PlannedNode } from '../../../model/plan/plan.ts';
import { printable, printableLines } from '../../../model/printable.ts';
import { renderSqlScript } from '../../reports/sql.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';
import type { Style } from '../style.ts';
import { renderChange } from './render-change.ts';
import { groupCopies, renderCopies } from './render-copies.ts';
import { renderHazards } from './render-hazard.ts';
import { renderLeft, renderRecap } from './render-recap.ts';
import { renderSteps } from './render-steps.ts';
import {
  isUnchanged,
  renderAdoption,
  renderEstimate,
  renderHeader,
  renderPlanId,
  renderSummary,
  renderUnchanged,
} from './render-summary.ts';
import { renderLeftOut, renderTargeting } from './render-targeting.ts';
import { renderUnchecked } from './render-unchecked.ts';

export interface RenderPlanOptions {
  /** Only the header, the recap and the last lines. */
  readonly summary?: boolean;
  /** The full SQL in place of the table of steps. */
  readonly sql?: boolean;
}

/** The whole plan as text, without a newline at the end. */
export const renderPlan = (plan: Plan, style: Style, options: RenderPlanOptions = {}): string => {
  if (isUnchanged(plan)) return renderNothing(plan, style).join('\n');
  const body = options.summary === true ? [] : renderBody(plan, style, options.sql);
  return [
    ...renderHeader(plan, style),
    '',
    ...body,
    ...spaced(renderTargeting(plan, style)),
    ...spaced(renderLeft(plan, style)),
    ...spaced(renderUnchecked(plan.observed.unchecked ?? [], style)),
    ...spaced(renderErrors(plan, style)),
    ...renderRecap(plan, style),
    ...renderEstimate(plan),
    renderPlanId(plan, style),
    ...renderAdoption(plan),
    ...renderLeftOut(plan),
    renderSummary(plan),
  ].join('\n');
};

const renderNothing = (plan: Plan, style: Style): readonly string[] => [
  ...renderOtherHazards(plan, style),
  ...spaced(renderTargeting(plan, style)),
  ...renderLeftOut(plan),
  ...spaced(renderUnchecked(plan.observed.unchecked ?? [], style)),
  renderUnchanged(plan),
];

/** The changes of each node, and the steps: a table, or the full SQL. */
export const renderBody = (plan: Plan, style: Style, sql = false): readonly string[] => {
  const nodes = separated(renderNodes(plan, style));
  const script = ['', ...printableLines(renderSqlScript(plan)).split('\n')];
  return spaced([...nodes, ...(sql ? script : renderSteps(plan, style))]);
};

/** Blocks with an empty line between two. */
const separated = (blocks: readonly (readonly string[])[]): readonly string[] =>
  blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : ['', ...block]));

/** A part followed by an empty line, unless it is empty itself. */
const spaced = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [...lines, ''];

/** One block for each node that changes or has a hazard without a change. */
const renderNodes = (plan: Plan, style: Style): readonly (readonly string[])[] =>
  plan.nodes.map((node) => {
    const lines = [
      ...renderOtherHazardsOf(node, plan, style),
      ...renderChangesOf(
        plan.changes.filter((change) => change.node === node.name && change.action !== 'left'),
        plan,
        style,
      ),
    ];
    return lines.length === 0 ? [] : [nodeLine(node, plan, style), ...lines];
  });

const nodeLine = (node: PlannedNode, plan: Plan, style: Style): string => {
  const endpoint = printable(plan.observed.endpoints[node.name] ?? node.connection);
  const server = node.version === null ? 'not read' : `PostgreSQL ${printable(node.version)}`;
  return `${style.bold(`node ${printable(node.name)}`)} (${endpoint}, ${server})`;
};

/** Hazards that no single change causes: they belong to the node or to one of its edges. */
const renderOtherHazardsOf = (node: PlannedNode, plan: Plan, style: Style): readonly string[] => {
  const own = plan.standing.filter(({ address }) => address.startsWith(`${node.name}/`));
  return [...new Set(own.map(({ address }) => address))].flatMap((address) => [
    `  ${style.dim(`at ${printable(address)}`)}`,
    ...renderHazards(
      own.filter((hazard) => hazard.address === address),
      plan,
      style,
    ),
  ]);
};

/** What blocks replication is reported even where nothing changes. */
export const renderOtherHazards = (plan: Plan, style: Style): readonly string[] =>
  plan.standing.length === 0
    ? []
    : [...spaced(separated(renderNodes(plan, style))), ...spaced(renderRecap(plan, style))];

/** Copies are listed under their subscription, or last where the subscription itself stays as it is. */
const renderChangesOf = (
  changes: readonly PlannedChange[],
  plan: Plan,
  style: Style,
): readonly string[] => {
  const copies = groupCopies(changes.filter(({ action }) => action === 'copy'));
  const others = changes.filter(({ action }) => action !== 'copy');
  const placed = new Set(others.map(({ address }) => address));
  return [
    ...others.flatMap((change) => [
      ...renderChange(change, plan, style),
      ...renderCopies(copies.get(change.address) ?? [], plan, style),
    ]),
    ...[...copies]
      .filter(([address]) => !placed.has(address))
      .flatMap(([, group]) => renderCopies(group, plan, style)),
  ];
};

/** Why the plan cannot be applied, if it cannot. */
export const renderErrors = (plan: Plan, style: Style): readonly string[] => {
  if (plan.errors.length === 0 && plan.applyable) return [];
  const told = renderDiagnostics(plan.errors, style);
  return [
    ...(told === '' ? [] : [told, '']),
    ...(plan.applyable ? [] : [style.bad(refusalOf(plan))]),
  ];
};

const refusalOf = (plan: Plan): string =>
  plan.errors.some(({ severity }) => severity === 'error')
    ? 'This plan is incomplete and cannot be applied: correct the errors above, and plan again.'
    : 'This plan cannot be applied: follow the remedy of each block, and plan again.';
