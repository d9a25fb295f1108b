// The rows in conflict of a merge, for people: the columns that differ, with the values of both nodes.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import type { ConflictList, MergeAnalysis, MergeConflict } from '../../model/report/merge.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns, cut } from './layout.ts';
import type { Style } from './style.ts';

const mostShown = 20;
const widest = 60;

/** Whose row both nodes will have. */
export const verdictOfConflict = ({ winner, rule }: MergeConflict): string =>
  winner === null ? rule : `${winner} (${rule})`;

export const keyOfConflict = ({ table, key }: MergeConflict): string =>
  `${table} (${Object.entries(key)
    .map(([column, value]) => `${column} = ${value ?? 'NULL'}`)
    .join(', ')})`;

const rowOf = (report: MergeAnalysis, conflict: MergeConflict): readonly string[] => {
  const { columns, a, b } = conflict;
  const value = (text: string | null | undefined): string => cut(printable(text ?? 'NULL'), widest);
  const rows = columns.map((column) => [
    `    ${printable(column)}`,
    `${printable(report.first)}: ${value(a[column])}`,
    `${printable(report.second)}: ${value(b[column])}`,
  ]);
  return [
    `  ${printable(keyOfConflict(conflict))}: ${printable(verdictOfConflict(conflict))}`,
    ...alignColumns(rows),
  ];
};

/** Without a newline at the end. */
export const renderConflicts = (
  report: MergeAnalysis,
  { total, first }: ConflictList,
  style: Style,
): string => {
  const { pair, state, tables } = report;
  if (state !== 'to merge') return printable(`Pair ${pair} is ${state}: it has no conflicts.`);
  const shown = first.slice(0, mostShown);
  const faults = tables.flatMap(({ error, faults: found }) => (error === null ? found : [error]));
  return [
    style.bold(printable(`pair ${pair}: ${plural(total, 'conflict')}`)),
    ...shown.flatMap((conflict) => rowOf(report, conflict)),
    ...(total > shown.length ? [`  … and ${total - shown.length} more`] : []),
    ...faults.map(({ code, message }) => style.bad(`  ${printable(message)}  ${code}`)),
    `Nothing was changed. To decide by hand: ${steepCommand`steep merge conflicts ${pair} --out decisions.ndjson`}`,
  ].join('\n');
};
