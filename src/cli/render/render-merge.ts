// What a merge would do, for people: each table with its counts, which node loses how many rows by which rule, and the locks.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import type {
  AnalyzedTable,
  MergeAnalysis,
  MergeAudit,
  MergeState,
  MergeStatus,
} from '../../model/report/merge.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns } from './layout.ts';
import type { Style } from './style.ts';

const stateLines = (state: MergeState, pair: string): string => {
  const start = steepCommand`steep merge start ${pair}`;
  const lines: { readonly [S in MergeState]: string } = {
    'to merge': `The rows are still to be merged: ${start}`,
    interrupted: `The merge ended between the commits of its nodes: the first has the merged rows, the second does not. To finish it: ${start}`,
    unfinished: `Both nodes have the merged rows, and do not replicate yet. To finish it: ${start}`,
    merged:
      'Both directions of the pair are there: there is nothing to merge. To compare the rows: steep verify',
    half: 'One direction of the pair is there, the other is not. See steep plan',
  };
  return lines[state];
};

/** Without a newline at the end. */
export const renderMergeAnalysis = (report: MergeAnalysis, style: Style): string => {
  const { pair, state, tables, lockMs, elapsedMs } = report;
  const head = headOf(report, style);
  if (state !== 'to merge') return [head, `  ${stateLines(state, pair)}`].join('\n');
  const rows = tables.map((table) => [
    `  ${printable(table.table)}`,
    table.error === null
      ? countsOf(table, report)
      : style.bad(`cannot be merged: ${printable(table.error.message)}  ${table.error.code}`),
  ]);
  const lines = alignColumns(rows);
  return [
    head,
    ...tables.flatMap((table, at) => [lines[at] ?? '', ...asides(table, style)]),
    '',
    `Compared in ${formatDuration(elapsedMs)}. A merge compares before it locks the tables of both nodes, and again for ${formatDuration(lockMs)} or longer under the locks where it cannot tell what has changed meanwhile.`,
    `Nothing was changed. To merge: ${steepCommand`steep merge start ${pair}`}`,
  ].join('\n');
};

const countsOf = (
  { equal, conflicts, onlyA, onlyB }: AnalyzedTable,
  { first, second }: MergeAnalysis,
): string =>
  `${equal} equal, ${plural(conflicts, 'conflict')}, ${onlyA} only on ${printable(first)}, ${onlyB} only on ${printable(second)}`;

const asides = ({ losers, columns, faults }: AnalyzedTable, style: Style): readonly string[] => [
  ...faults.map(({ code, message }) =>
    style.bad(`      cannot be merged: ${printable(message)}  ${code}`),
  ),
  ...losers.map(
    ({ node, rule, rows }) =>
      `      ${printable(node)} loses ${plural(rows, 'row')} (${printable(rule)})`,
  ),
  ...(columns.length === 0
    ? []
    : [
        `      differ: ${columns.map(({ column, rows }) => `${printable(column)} ${rows}`).join(', ')}`,
      ]),
];

type Pair = Pick<MergeStatus, 'pair' | 'first' | 'second'>;

const headOf = ({ pair, first, second }: Pair, style: Style): string =>
  `${style.bold(printable(`pair ${pair}`))}  ${printable(`${first} <-> ${second}`)}`;

/** Without a newline at the end. */
export const renderMergeStatus = (report: MergeStatus, style: Style): string => {
  const rows = report.runs.map((run) => [
    `  ${printable(run.runId)}`,
    printable(run.node),
    run.state,
    `${run.startedAt}${run.endedAt === null ? '' : ` to ${run.endedAt}`}`,
    `${run.overwritten} overwritten, ${run.inserted} inserted, ${run.deleted} deleted`,
  ]);
  return [
    headOf(report, style),
    `  ${stateLines(report.state, report.pair)}`,
    ...alignColumns(rows),
  ].join('\n');
};

/** Of a merge that was to be cancelled. Without a newline at the end. */
export const renderFinishedMerge = ({ pair, runs }: MergeStatus): string => {
  const run = runs.find(({ state }) => state === 'completed')?.runId;
  const before = runs.filter(({ runId }) => runId === run);
  const rows = before.reduce((sum, { overwritten }) => sum + Number(overwritten), 0);
  const head = printable(`Pair ${pair} is merged and replicates: there is no merge to give up.`);
  if (run === undefined) return head;
  return `${head} To write the ${plural(rows, 'row')} back that it has overwritten: ${steepCommand`steep merge undo ${run} --dry-run`}`;
};

/** Without a newline at the end. */
export const renderMergeAudit = ({ pair, runId, tables }: MergeAudit): string => {
  if (runId === null) return printable(`No merge of pair ${pair} has written rows.`);
  const rows = tables.map(({ node, table, rule, rows: count }) => [
    `  ${printable(node)}`,
    printable(table),
    `${plural(count, 'row')} lost (${printable(rule)})`,
  ]);
  return [
    `Run ${printable(runId)}`,
    ...(rows.length === 0 ? ['  no row was overwritten'] : alignColumns(rows)),
  ].join('\n');
};
