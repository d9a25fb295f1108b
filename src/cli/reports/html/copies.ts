// The tables that a subscription copies, each with its estimate.

import { plural } from '../../../model/listing.ts';
import type { Plan, PlannedChange } from '../../../model/plan/plan.ts';
import { formatCount, formatSize } from '../../../model/quantity.ts';
import {
  renderSize,
  subscriptionInAddress,
  tableInAddress,
} from '../../render/plan/render-copies.ts';
import { html, type Markup } from './markup.ts';
import { actionBadge, code, hazardLink, type Places, table } from './words.ts';

/** Longer tables are folded; their sum stays in sight. */
const rowsOpen = 20;

/** The copies of one subscription; there must be one. */
export const renderCopyTable = (
  copies: readonly PlannedChange[],
  plan: Plan,
  places: Places,
): Markup => {
  const owner = copies[0] === undefined ? '' : subscriptionInAddress(copies[0]);
  const sum = `${plural(copies.length, 'table')}, ${renderSize(copies, plan)}`;
  const caption = `${owner === '' ? 'Tables to copy' : `Tables to copy for ${owner}`}: ${sum}`;
  const columns = [
    { title: 'Table' },
    { title: 'Rows', number: true },
    { title: 'Size', number: true },
    { title: 'Note' },
  ];
  const rows = copies.map((copy) => copyRow(copy, plan, places));
  const whole = table(caption, columns, rows);
  return copies.length <= rowsOpen
    ? whole
    : html`<details><summary>${actionBadge({ action: 'copy' })} ${caption}</summary>${whole}</details>`;
};

const copyRow = (copy: PlannedChange, plan: Plan, places: Places): Markup => {
  const { rows = null, bytes = null } = plan.observed.copies[copy.address] ?? {};
  const hazards = copy.hazards.map((hazard) => hazardLink(hazard, places));
  return html`<tr id="${places.ofChange.get(copy.address) ?? ''}"><th scope="row">${code(tableInAddress(copy))}</th><td class="number">${formatCount(rows)}</td><td class="number">${formatSize(bytes)}</td><td>${copy.summary} ${hazards}</td></tr>`;
};
