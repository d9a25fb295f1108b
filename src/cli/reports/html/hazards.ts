// What can go wrong, in two parts: what apply stops at or destroys, all of it; and the rest.

import type { Hazard } from '../../../model/plan/hazard.ts';
import type { Plan, PlannedChange } from '../../../model/plan/plan.ts';
import { hazardKey } from '../../../model/plan/plan.ts';
import type { Address } from '../../../model/state/address.ts';
import {
  allHazards,
  allowFlag,
  isAllowed,
  isSevere,
  sentenceOf,
} from '../../render/plan/render-hazard.ts';
import { isDestructive } from '../../render/plan/render-recap.ts';
import { html, lines, type Markup, none } from './markup.ts';
import {
  actionBadge,
  addressLink,
  code,
  type Places,
  type Section,
  section,
  severityBadge,
  table,
} from './words.ts';

/** Every block and danger, with what it takes to continue, and every drop and replace without any. */
export const hazardsSection = (plan: Plan, places: Places): Section | null => {
  const severe = allHazards(plan).filter(isSevere);
  const addresses = new Set(severe.map(({ address }) => address));
  const rest = plan.changes.filter((it) => isDestructive(it) && !addresses.has(it.address));
  if (severe.length + rest.length === 0) return null;
  return section(
    'dangers',
    'Destructive or dangerous',
    severe.map((hazard) => dangerCard(hazard, plan, places)),
    rest.map((change) => dropCard(change, places)),
  );
};

const dangerCard = (hazard: Hazard, plan: Plan, places: Places): Markup => {
  const change = changeAt(hazard.address, plan);
  return html`<article class="card ${hazard.severity}" id="${placeOf(hazard, places)}">
<h3>${severityBadge(hazard)} ${hazard.code} ${addressLink(hazard.address, places)} ${change === undefined ? none : actionBadge(change)}</h3>
<p class="said">${lines(sentenceOf(hazard, plan))}</p>
${consent(hazard, plan)}
</article>
`;
};

const consent = (hazard: Hazard, plan: Plan): Markup => {
  if (hazard.severity === 'block') {
    return html`${remedyOf('First', hazard)}<p>It cannot be allowed.</p>`;
  }
  const instead = remedyOf('Instead', hazard);
  return isAllowed(hazard, plan)
    ? html`${instead}<p>Allowed by ${code('policy.allow_hazards')}.</p>`
    : html`${instead}<p><b>Allow with:</b> <code class="paste">${allowFlag(hazard.code, hazard.address)}</code></p>`;
};

const dropCard = (change: PlannedChange, places: Places): Markup =>
  html`<article class="card drop"><h3>${actionBadge(change)} ${addressLink(change.address, places)}</h3></article>
`;

const changeAt = (address: Address, { changes }: Plan): PlannedChange | undefined =>
  changes.find((change) => change.address === address);

const placeOf = (hazard: Hazard, { ofHazard }: Places): string =>
  ofHazard.get(hazardKey(hazard)) ?? '';

/** Warnings and notices: a plain yes covers them. */
export const renderWarnings = (plan: Plan, places: Places): Section | null => {
  const rest = allHazards(plan).filter((hazard) => !isSevere(hazard));
  if (rest.length === 0) return null;
  const columns = ['Severity', 'Hazard', 'What happens'].map((title) => ({ title }));
  return section(
    'warnings',
    'Warnings and notices',
    table(
      'Hazards that need no consent',
      columns,
      rest.map((hazard) => warningRow(hazard, plan, places)),
    ),
  );
};

const warningRow = (hazard: Hazard, plan: Plan, places: Places): Markup =>
  html`<tr id="${placeOf(hazard, places)}"><td>${severityBadge(hazard)}</td><th scope="row">${hazard.code}<br>${addressLink(hazard.address, places)}</th><td><p class="said">${lines(sentenceOf(hazard, plan))}</p>${remedyOf('Remedy', hazard)}</td></tr>`;

const remedyOf = (word: string, { remedy }: Hazard): Markup =>
  remedy === '' ? none : html`<p class="said"><b>${word}:</b> ${lines(remedy)}</p>`;
