// The head of the page: whether it can be applied, how much it is, and what it is for. And its foot.

import type { Diagnostic } from '../../../model/diagnostic.ts';
import { plural } from '../../../model/listing.ts';
import type { Plan } from '../../../model/plan/plan.ts';
import { renderSize } from '../../render/plan/render-copies.ts';
import { allHazards, isAllowed } from '../../render/plan/render-hazard.ts';
import {
  hazardPart,
  isUnchanged,
  renderAdoption,
  renderEstimate,
  renderPlanId,
  renderReadAt,
  renderSummary,
  renderUnchanged,
  renderWork,
  unchangedWords,
} from '../../render/plan/render-summary.ts';
import { renderLeftOut, renderTargeting } from '../../render/plan/render-targeting.ts';
import { renderDiagnostics } from '../../render/render-diagnostics.ts';
import { plainStyle } from '../../render/style.ts';
import { html, lines, type Markup, none } from './markup.ts';
import { type Section, section } from './words.ts';

/** The line that pipelines read, exactly. */
export const lastLine = (plan: Plan): string =>
  isUnchanged(plan) ? renderUnchanged(plan) : renderSummary(plan);

export const renderHead = (plan: Plan): Markup => html`<header>
<h1>steep plan</h1>
<p class="lead">${isUnchanged(plan) ? unchangedWords(plan) : renderWork(plan)}</p>
${verdictOf(plan)}
${partOf(plan)}${isUnchanged(plan) ? none : tiles(plan)}
${renderEstimate(plan).map((line) => html`<p class="note">${line}</p>\n`)}<p class="note">${renderReadAt(plan)}</p>
</header>
`;

/** A plan of a part says so before anything else. */
const partOf = (plan: Plan): Markup => {
  const told = [...renderTargeting(plan, plainStyle), ...renderLeftOut(plan)];
  return told.length === 0
    ? none
    : html`<div class="card warning"><pre>${lines(told.join('\n'))}</pre></div>\n`;
};

const verdictOf = (plan: Plan): Markup => {
  if (!plan.applyable) return html`<p class="verdict bad">${refusalOf(plan)}</p>`;
  if (isUnchanged(plan)) return html`<p class="verdict good">No changes.</p>`;
  const open = allHazards(plan).filter((it) => it.severity === 'danger' && !isAllowed(it, plan));
  return open.length === 0
    ? html`<p class="verdict good">This plan can be applied: no danger waits for consent.</p>`
    : html`<p class="verdict caution">This plan can be applied only when ${plural(open.length, 'danger')} ${open.length === 1 ? 'is' : 'are'} allowed by name: <a href="#dangers">see below</a>.</p>`;
};

const refusalOf = ({ errors }: Plan): Markup =>
  errors.length === 0
    ? html`This plan cannot be applied: <a href="#dangers">each block</a> says what to do first.`
    : html`This plan is incomplete and cannot be applied: put <a href="#errors">the errors</a> right, and plan again.`;

const tiles = (plan: Plan): Markup => {
  const { create, change, replace, drop, copyTables, ...hazards } = plan.summary;
  const copies = plan.changes.filter(({ action }) => action === 'copy');
  const severe = hazards.block + hazards.danger;
  const found = severe + hazards.warning + hazards.notice;
  return html`<dl class="tiles">
${[
  tile('create', create, 'to create'),
  tile('change', change, 'to change'),
  tile('replace', replace, 'to replace'),
  tile('drop', drop, 'to drop'),
  tile(
    'copy',
    copyTables,
    `${copyTables === 1 ? 'table' : 'tables'} to copy`,
    copyTables === 0 ? '' : renderSize(copies, plan),
  ),
  tile(
    severe > 0 ? 'danger' : 'warning',
    found,
    found === 1 ? 'hazard' : 'hazards',
    found === 0 ? '' : hazardPart(plan),
  ),
]}</dl>`;
};

const tile = (kind: string, count: number, word: string, note = ''): Markup =>
  html`<div class="tile ${count === 0 ? 'zero' : kind}"><dt>${word}</dt><dd class="count">${count}</dd>${note === '' ? none : html`<dd class="note">${note}</dd>`}</div>
`;

/** Why the plan is not complete. */
export const renderFaults = ({ errors }: Plan): Section | null =>
  errors.length === 0 ? null : section('errors', 'Errors', errors.map(faultCard));

const faultCard = (error: Diagnostic): Markup =>
  html`<article class="card danger"><pre>${lines(renderDiagnostics([error], plainStyle))}</pre></article>
`;

export const renderFoot = (plan: Plan): Markup => html`<footer>
${renderAdoption(plan).map((line) => html`<p>${line}</p>\n`)}<p><code class="id">${renderPlanId(plan, plainStyle)}</code></p>
<p class="last"><code>${lastLine(plan)}</code></p>
</footer>`;
