// The rows in conflict of a merge as one page: both rows side by side, and what differs between them.

import { withoutSecrets } from '../../../model/known-secrets.ts';
import { plural } from '../../../model/listing.ts';
import type {
  AnalyzedTable,
  ConflictList,
  MergeAnalysis,
  MergeConflict,
} from '../../../model/report/merge.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { keyOfConflict, verdictOfConflict } from '../../render/render-conflicts.ts';
import { html, lines, type Markup, none } from './markup.ts';
import { renderPage } from './page.ts';

/** A whole document. */
export const renderConflictsHtml = (
  report: MergeAnalysis,
  { total, first: conflicts }: ConflictList,
): string => {
  const { pair, first, second, tables } = report;
  const rest = total - conflicts.length;
  const page = renderPage(
    steepCommand`steep merge conflicts ${pair}`,
    'steep merge',
    html`<main>
<header>
<h1>steep merge conflicts</h1>
<p class="lead">Pair ${pair}: ${plural(total, 'conflict')} between ${first} and ${second}</p>
</header>
<section>
<h2>Tables</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Table</th><th scope="col">Strategy</th><th scope="col">Equal</th><th scope="col">Conflicts</th><th scope="col">Only on ${first}</th><th scope="col">Only on ${second}</th></tr></thead>
<tbody>${tables.map(tableRow)}</tbody>
</table></div>
${tables.flatMap(faultsOf)}</section>
<section>
<h2>Conflicts</h2>
${conflicts.map((conflict) => conflictCard(report, conflict))}${rest === 0 ? none : html`<p class="note">And ${rest} more.</p>\n`}</section>
</main>`,
  );
  return withoutSecrets(page);
};

const tableRow = ({ table, strategy, equal, conflicts, onlyA, onlyB }: AnalyzedTable): Markup =>
  html`<tr><th scope="row">${table}</th><td>${strategy}</td><td>${equal}</td><td>${conflicts}</td><td>${onlyA}</td><td>${onlyB}</td></tr>`;

const faultsOf = ({ error, faults }: AnalyzedTable): readonly Markup[] =>
  (error === null ? faults : [error]).map(
    ({ code, message }) =>
      html`<div class="card warning"><p>${message} <code>${code}</code></p></div>\n`,
  );

const conflictCard = (
  { first, second }: MergeAnalysis,
  conflict: MergeConflict,
): Markup => html`<article class="card">
<h3>${keyOfConflict(conflict)}</h3>
<p>${conflict.winner === null ? 'Not decided' : 'Kept'}: <b>${verdictOfConflict(conflict)}</b></p>
<div class="scroll"><table>
<thead><tr><th scope="col">Column</th><th scope="col">${first}</th><th scope="col">${second}</th></tr></thead>
<tbody>${Object.keys(conflict.a).map((column) => columnRow(column, conflict))}</tbody>
</table></div>
</article>
`;

/** What differs is marked: the row that loses as removed, the one that is kept as added. */
const columnRow = (column: string, { columns, keep, a, b }: MergeConflict): Markup => {
  const isDifferent = columns.includes(column);
  const cell = (side: 'a' | 'b', value: string | null | undefined): Markup => {
    const text = value === null || value === undefined ? html`<i>NULL</i>` : lines(value);
    if (!isDifferent) return text;
    if (keep === null) return html`<mark>${text}</mark>`;
    return keep === side ? html`<ins>${text}</ins>` : html`<del>${text}</del>`;
  };
  return html`<tr><th scope="row">${isDifferent ? html`<b>${column}</b>` : column}</th><td class="said">${cell('a', a[column])}</td><td class="said">${cell('b', b[column])}</td></tr>`;
};
