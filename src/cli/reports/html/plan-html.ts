// The plan as one page to attach to a change request: the topology, the dangers, every change, every statement.
// Nothing in it is cut, loaded or run.

import type { Plan } from '../../../model/plan/plan.ts';
import type { TopologyGraph } from '../../../model/report/graph.ts';
import { inherited } from '../../graph/colours.ts';
import { planDrawing } from '../../graph/plan-drawing.ts';
import { renderSvg } from '../../graph/svg.ts';
import { renderChanges } from './changes.ts';
import { hazardsSection, renderWarnings } from './hazards.ts';
import { html, type Markup, markup } from './markup.ts';
import { renderPage } from './page.ts';
import { stepsSection } from './steps.ts';
import { lastLine, renderFaults, renderFoot, renderHead } from './summary.ts';
import { placesIn, type Section, section } from './words.ts';

/** A whole document. `graph`: the topology that the plan is about. */
export const renderPlanHtml = (plan: Plan, graph: TopologyGraph): string => {
  const places = placesIn(plan);
  const parts = [
    renderFaults(plan),
    hazardsSection(plan, places),
    renderTopology(plan, graph),
    renderChanges(plan, places),
    renderWarnings(plan, places),
    stepsSection(plan),
  ].filter((part) => part !== null);
  const body = html`<main>
${renderHead(plan)}${renderContents(parts)}${parts.map(({ body: part }) => part)}${renderFoot(plan)}
</main>`;
  return renderPage(`steep plan: ${lastLine(plan)}`, `steep ${plan.steepVersion}`, body);
};

const renderContents = (parts: readonly Section[]): Markup =>
  html`<nav aria-label="On this page"><ul>${parts.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
`;

/** Shrinks to the page, but not so far that it is unreadable: then it scrolls. */
const smallest = 0.85;

const renderTopology = (plan: Plan, graph: TopologyGraph): Section => {
  const svg = renderSvg(planDrawing(graph, plan), {
    colours: inherited,
    attributes: (width) => `style="min-width:${Math.round(width * smallest)}px"`,
  });
  return section(
    'topology',
    'Topology',
    html`<figure class="scroll" role="region" aria-label="Drawing of the topology" tabindex="0">
${markup(svg)}</figure>`,
  );
};
