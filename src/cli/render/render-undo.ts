// The undo of a merge for people: what would be written back, its hazards, and what was written.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import type { UndoPlan, UndoReport, UndoTablePlan } from '../../model/report/undo.ts';
import { alignColumns } from './layout.ts';
import { alignedRows, danglingText, hazardLines, leftText, writtenText } from './render-repair.ts';
import type { Style } from './style.ts';

/** Without a newline at the end. */
export const renderUndoPlan = (plan: UndoPlan, style: Style): string => {
  const { pair, mergeRun, first, second, tables, inserted } = plan;
  const rows = tables.map((table) => [
    `  ${printable(table.table)}`,
    `lost by ${printable(table.node)}: ${describe(table)}`,
  ]);
  return [
    `${style.bold(printable(`pair ${pair}`))}  ${printable(`${first} <-> ${second}`)}  undo of ${printable(mergeRun)}`,
    ...(rows.length === 0 ? ['  the merge has overwritten no row'] : alignColumns(rows)),
    ...inserted.map(
      ({ node, rows: count }) =>
        `  ${plural(count, 'row')} that the merge inserted on ${printable(node)} ${count === 1 ? 'stays' : 'stay'} on both nodes`,
    ),
    '  sequences keep their INCREMENT BY 2, since both nodes still give numbers',
    ...hazardLines(plan, style),
    '',
  ].join('\n');
};

const describe = ({ restore, restored, changed, error }: UndoTablePlan): string => {
  if (error !== null) return `not read: ${printable(error.message)}  ${error.code}`;
  return [
    `${plural(restore, 'row')} to write back`,
    ...(restored === 0 ? [] : [`${restored} back already`]),
    ...(changed === 0 ? [] : [`${changed} changed since, left as they are`]),
  ].join(', ');
};

const words = {
  'nothing-to-do': 'There is nothing to write back',
  planned: 'Nothing was written',
  declined: 'Declined: nothing was written',
  repaired: 'Undone',
  partial: 'Partly undone',
} as const;

/** Without a newline at the end. */
export const renderUndo = (report: UndoReport, style: Style): string => {
  const rows = report.tables.map(({ table, node, restored, left, why }) => [
    `  ${printable(table)}`,
    `${plural(restored, 'row')} that ${printable(node)} had lost ${restored === 1 ? 'is' : 'are'} back on both nodes`,
    leftText(left, why, style),
  ]);
  const dangling = report.dangling.map((it) => danglingText(it, `${printable(it.node)}: `, style));
  return writtenText(report, words[report.outcome], [...alignedRows(rows), ...dangling]);
};
