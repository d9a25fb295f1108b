// The small pieces that all parts of the page share: names in code, badges, tables that may scroll.

import type { Hazard } from '../../../model/plan/hazard.ts';
import { hazardKey, type Plan, type PlannedChange } from '../../../model/plan/plan.ts';
import type { Address } from '../../../model/state/address.ts';
import { symbols } from '../../render/plan/render-change.ts';
import { allHazards, severityWord } from '../../render/plan/render-hazard.ts';
import { actionWords } from '../../render/plan/render-summary.ts';
import { html, type Markup, type MarkupPart, none } from './markup.ts';

/** Where in the page each change and each hazard is. */
export interface Places {
  readonly ofChange: ReadonlyMap<Address, string>;
  readonly ofHazard: ReadonlyMap<string, string>;
}

/** Ids that no name has a part in. */
export const placesIn = (plan: Plan): Places => ({
  ofChange: new Map(plan.changes.map(({ address }, index) => [address, `change-${index + 1}`])),
  ofHazard: new Map(allHazards(plan).map((it, index) => [hazardKey(it), `hazard-${index + 1}`])),
});

/** A name or a statement as it is. */
export const code = (text: string): Markup => html`<code>${text}</code>`;

/** `~ change in place`: the symbol and the word, coloured. */
export const actionBadge = ({ action }: Pick<PlannedChange, 'action'>): Markup =>
  html`<span class="badge ${action}">${symbols[action]} ${actionWords[action]}</span>`;

export const severityBadge = ({ severity }: Hazard): Markup =>
  html`<span class="badge ${severity}">${severityWord(severity)}</span>`;

/** Severity and code, and the link to its explanation. */
export const hazardLink = (hazard: Hazard, { ofHazard }: Places): Markup =>
  html`<a class="hazard" href="#${ofHazard.get(hazardKey(hazard)) ?? ''}">${severityBadge(hazard)} ${hazard.code}</a>`;

/** An address, with the way to its change where it has one. */
export const addressLink = (address: Address, { ofChange }: Places): Markup => {
  const place = ofChange.get(address);
  return place === undefined ? code(address) : html`<a href="#${place}">${code(address)}</a>`;
};

export interface ReportColumn {
  readonly title: string;
  /** Numbers are aligned right. */
  readonly number?: boolean;
}

/** A table that scrolls by itself where the page is too narrow for it. */
export const table = (
  caption: string,
  columns: readonly ReportColumn[],
  rows: readonly Markup[],
): Markup => html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title, number }) => html`<th scope="col"${number === true ? html` class="number"` : none}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`${row}\n`)}</tbody>
</table></div>`;

/** A part of the page, with its heading. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

export const section = (id: string, title: string, ...parts: readonly MarkupPart[]): Section => ({
  id,
  title,
  body: html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${parts}
</section>
`,
});
