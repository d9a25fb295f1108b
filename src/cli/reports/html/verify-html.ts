// A verification as one page: each edge, its tables, and the first keys that differ.

import type {
  VerificationReport,
  VerifiedEdge,
  VerifiedTable,
} from '../../../model/report/verification.ts';
import { formatRow, tableSentence } from '../../render/verify-text.ts';
import { html, lines, type Markup, none } from './markup.ts';
import { renderPage } from './page.ts';

const verdicts = {
  equal: html`<p class="verdict good">All rows that were compared are equal.</p>`,
  counted: html`<p class="verdict caution">The numbers of rows are the same; the rows of some tables were not compared.</p>`,
  different: html`<p class="verdict bad">Rows differ.</p>`,
  unsettled: html`<p class="verdict caution">Some rows could not be settled: they were changed all the time, or replication did not keep up.</p>`,
  unread: html`<p class="verdict caution">Something could not be compared.</p>`,
};

export const renderVerifyHtml = (report: VerificationReport): string =>
  renderPage(
    'steep verify',
    'steep verify',
    html`<main>
<header>
<h1>steep verify</h1>
${verdicts[report.outcome]}
<p class="note">Started ${report.startedAt}.</p>
</header>
${report.edges.map(edgeSection)}</main>`,
  );

const edgeSection = ({
  address,
  source,
  node,
  tables,
  error,
}: VerifiedEdge): Markup => html`<section>
<h2>${address}</h2>
<p class="note">${source} to ${node}</p>
${error === null ? none : html`<div class="card warning"><p>${error.message} <code>${error.code}</code></p></div>\n`}${tables.map(tableCard)}</section>
`;

const tableCard = (table: VerifiedTable): Markup => html`<div class="card">
<h3>${table.table}: ${table.outcome}</h3>
<p>${tableSentence(table)}</p>
${table.samples.length === 0 ? none : html`<pre>${lines(table.samples.map(formatRow).join('\n'))}</pre>\n`}${table.notes.map((note) => html`<p class="note">${note}</p>\n`)}</div>
`;
