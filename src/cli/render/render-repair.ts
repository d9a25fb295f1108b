// A repair for people: what would be written, its hazards, and what was written.

import { plural } from '../../model/listing.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import { severities } from '../../model/plan/hazard.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import type {
  DanglingReference,
  RepairPlan,
  RepairReport,
  RepairTablePlan,
} from '../../model/report/repair.ts';
import { alignColumns, hang } from './layout.ts';
import { allowFlag, severityWord } from './plan/render-hazard.ts';
import type { Style } from './style.ts';

/** Without a newline at the end. */
export const renderRepairPlan = (plan: RepairPlan, style: Style): string => {
  const shown = plan.tables.filter((table) => describe(table) !== null);
  const rows = shown.map((table) => [
    `  ${printable(table.table)}`,
    printable(describe(table) ?? ''),
  ]);
  return [
    `${style.bold(printable(plan.address))}  ${printable(`${plan.source} -> ${plan.node}`)}`,
    ...(rows.length === 0 ? ['  every row is as on the publisher'] : alignColumns(rows)),
    ...hazardLines(plan, style),
    '',
  ].join('\n');
};

/** Null: nothing to say. */
const describe = (table: RepairTablePlan): string | null => {
  const { different, missing, extra, unsettled, error } = table;
  if (error !== null) return `not read: ${error.message}  ${error.code}`;
  const parts = [
    ...(different === 0 ? [] : [`${plural(different, 'row')} to overwrite`]),
    ...(missing === 0 ? [] : [`${missing} to insert`]),
    ...(extra === 0 ? [] : [`${extra} to delete`]),
    ...(unsettled === 0 ? [] : [`${unsettled} unsettled, left as they are`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
};

/** By severity, with the flag that allows each danger. */
export const hazardLines = (
  { hazards }: { readonly hazards: readonly FoundHazard[] },
  style: Style,
): readonly string[] =>
  severities
    .flatMap((severity) => hazards.filter((it) => it.severity === severity))
    .map((it) => renderHazard(it, style));

const renderHazard = (found: FoundHazard, style: Style): string => {
  const label = `    ! ${severityWord(found.severity)}  ${found.code}  `;
  const lines = [
    printableLines(found.message),
    ...(found.severity === 'danger'
      ? [`allow with: ${allowFlag(found.code, found.address)}`]
      : [printableLines(found.remedy)]),
  ];
  return style.severity[found.severity](label) + hang(lines.join('\n'), '        ');
};

const words = {
  'nothing-to-do': 'There is nothing to repair',
  planned: 'Nothing was written',
  declined: 'Declined: nothing was written',
  repaired: 'Repaired',
  partial: 'Partly repaired',
} as const;

/** Without a newline at the end. */
export const renderRepair = (report: RepairReport, style: Style): string => {
  const rows = report.tables.map(({ table, overwritten, inserted, deleted, left, why }) => [
    `  ${printable(table)}`,
    `${overwritten} overwritten, ${inserted} inserted, ${deleted} deleted`,
    leftText(left, why, style),
  ]);
  const dangling = report.dangling.map((it) => danglingText(it, '', style));
  return writtenText(report, words[report.outcome], [...alignedRows(rows), ...dangling]);
};

/** Of rows that were not written. */
export const leftText = (left: number, why: string | null, style: Style): string =>
  left === 0 ? '' : style.caution(`${left} left: ${printable(why ?? '')}`);

export const danglingText = (
  { table, constraint, rows }: DanglingReference,
  node: string,
  style: Style,
): string =>
  style.caution(
    `  ${node}${printable(table)}: ${rows === null ? 'not read, so rows may refer' : plural(rows, 'row refers', 'rows refer')} to rows that are not there (${printable(constraint)})`,
  );

export const alignedRows = (rows: readonly (readonly string[])[]): readonly string[] =>
  alignColumns(rows).map((line) => line.trimEnd());

/** With where the rows from before are kept, and how it ended. */
export const writtenText = (
  { runId, outcome, elapsedMs }: Pick<RepairReport, 'runId' | 'outcome' | 'elapsedMs'>,
  word: string,
  lines: readonly string[],
): string =>
  [
    ...lines,
    ...(runId === null
      ? []
      : [`Rows before: SELECT * FROM steep_repl.merge_audit_log WHERE run_id = '${runId}';`]),
    `${word} in ${formatDuration(elapsedMs)}.${outcome === 'partial' ? ' Run the same command again: it continues.' : ''}`,
  ].join('\n');
