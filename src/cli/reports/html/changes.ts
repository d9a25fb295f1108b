// What becomes of each resource, node by node, with every detail: a page shows all of them.

import { plural } from '../../../model/listing.ts';
import type { Hazard } from '../../../model/plan/hazard.ts';
import type { ChangeDetail, Plan, PlannedChange, PlannedNode } from '../../../model/plan/plan.ts';
import { noteOf } from '../../render/plan/render-change.ts';
import { groupCopies } from '../../render/plan/render-copies.ts';
import { renderCopyTable } from './copies.ts';
import { html, type Markup, none } from './markup.ts';
import {
  actionBadge,
  addressLink,
  code,
  hazardLink,
  type Places,
  type Section,
  section,
} from './words.ts';

/** Longer lists are folded. */
const itemsOpen = 20;

/** A part for each node that changes or has a hazard without a change, and what is no longer in steep.yaml. */
export const renderChanges = (plan: Plan, places: Places): Section | null => {
  const nodes = plan.nodes.map((node) => renderNode(node, plan, places));
  const left = plan.changes.filter(({ action }) => action === 'left');
  if (left.length === 0 && nodes.every(({ text }) => text === '')) return null;
  return section('changes', 'Changes', nodes, left.length === 0 ? none : renderLeft(left, places));
};

const renderNode = (node: PlannedNode, plan: Plan, places: Places): Markup => {
  const own = plan.changes.filter((it) => it.node === node.name && it.action !== 'left');
  const copies = groupCopies(own.filter(({ action }) => action === 'copy'));
  const others = own.filter(({ action }) => action !== 'copy');
  const placed = new Set(others.map(({ address }) => address));
  const standing = plan.standing.filter(({ address }) => address.startsWith(`${node.name}/`));
  if (own.length + standing.length === 0) return none;
  return html`<section class="node">
<h3>Node ${node.name} <small>${whereIs(node, plan)}</small></h3>
<ul class="changes">
${standing.map((hazard) => standingItem(hazard, places))}${others.map(
  (
    change,
  ) => html`<li id="${places.ofChange.get(change.address) ?? ''}">${renderChange(change, plan, places)}
${copyTable(copies.get(change.address) ?? [], plan, places)}</li>
`,
)}${[...copies]
  .filter(([address]) => !placed.has(address))
  .map(([, group]) => html`<li>${copyTable(group, plan, places)}</li>\n`)}</ul>
</section>
`;
};

const copyTable = (copies: readonly PlannedChange[], plan: Plan, places: Places): Markup =>
  copies.length === 0 ? none : renderCopyTable(copies, plan, places);

const whereIs = ({ name, connection, version }: PlannedNode, { observed }: Plan): string => {
  const server = version === null ? 'not read' : `PostgreSQL ${version}`;
  return `${observed.endpoints[name] ?? connection}, ${server}`;
};

const standingItem = (hazard: Hazard, places: Places): Markup =>
  html`<li>at ${addressLink(hazard.address, places)} ${hazardLink(hazard, places)}</li>\n`;

const renderChange = (change: PlannedChange, plan: Plan, places: Places): Markup => html`<p>
${actionBadge(change)} ${code(`${change.kind}.${change.name}`)} <span class="note">${noteOf(change, plan)}</span>
${change.hazards.map((hazard) => hazardLink(hazard, places))}
</p>
${change.details.length === 0 ? none : html`<dl class="details">${change.details.map(renderDetail)}</dl>`}`;

const renderDetail = ({ field, before, after, added = [], removed = [] }: ChangeDetail): Markup => {
  const items = [
    ...added.map((item) => html`<li><ins>+ ${item}</ins></li>`),
    ...removed.map((item) => html`<li><del>- ${item}</del></li>`),
  ];
  return html`<div><dt>${field}</dt><dd>${valuesOf(before, after)}${folded(items)}</dd></div>`;
};

const valuesOf = (before: string | undefined, after: string | undefined): Markup => {
  if (before === undefined && after === undefined) return none;
  if (before === undefined) return code(after ?? '');
  return html`<del>${before}</del> -&gt; <ins>${after ?? 'none'}</ins>`;
};

const folded = (items: readonly Markup[]): Markup => {
  if (items.length === 0) return none;
  const list = html`<ul>${items}</ul>`;
  return items.length <= itemsOpen
    ? list
    : html`<details><summary>${plural(items.length, 'item')}</summary>${list}</details>`;
};

const renderLeft = (
  left: readonly PlannedChange[],
  places: Places,
): Markup => html`<section class="node">
<h3>No longer in steep.yaml <small>kept; drop with <code>--prune</code></small></h3>
<ul class="changes">
${left.map((change) => html`<li id="${places.ofChange.get(change.address) ?? ''}">${actionBadge(change)} ${code(change.address)}</li>\n`)}</ul>
</section>
`;
