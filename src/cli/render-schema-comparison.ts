// A comparison of two nodes for people: a line a table, a line for each schema that is the same, the last line.

import type { ComparedTable, ComparisonReport } from '../model/schema-report.ts';
import { alignColumns, plural, printable } from './layout.ts';
import type { Style } from './style.ts';

/** The whole report as text, without a newline at the end. */
export const renderComparison = (report: ComparisonReport, style: Style): string => {
  const rows = [
    ...report.matchingSchemas.map(({ schema, tables }) => [
      `${printable(schema)}.*`,
      style.good('MATCH'),
      plural(tables, 'table'),
    ]),
    ...report.tables.map((table) => tableRow(table, report, style)),
  ];
  return [
    style.bold(
      `${report.local.name} (${report.local.endpoint}) and ${report.remote.name} (${report.remote.endpoint})`,
    ),
    ...alignColumns(rows).map((line) => `  ${line}`),
    summaryOf(report),
  ].join('\n');
};

const tableRow = (table: ComparedTable, report: ComparisonReport, style: Style) => [
  printable(table.table),
  table.status === 'MATCH' ? style.good('MATCH') : style.caution(table.status),
  noteOf(table, report),
];

const noteOf = (
  { status, replicationMatches }: ComparedTable,
  report: ComparisonReport,
): string => {
  if (status === 'LOCAL_ONLY') return `only on ${report.local.name}`;
  if (status === 'REMOTE_ONLY') return `only on ${report.remote.name}`;
  if (status === 'MATCH' || report.fingerprint === 'replication') return '';
  return replicationMatches === true ? 'names, types and identity are the same' : '';
};

const summaryOf = ({ summary, local, remote }: ComparisonReport): string => {
  const { match, mismatch, localOnly, remoteOnly } = summary;
  const total = match + mismatch + localOnly + remoteOnly;
  if (match === total) return `Identical: ${plural(total, 'table')}.`;
  const parts = [
    `${match} match`,
    `${mismatch} differ`,
    `${localOnly} only on ${local.name}`,
    `${remoteOnly} only on ${remote.name}`,
  ];
  return `${plural(total, 'table')}: ${parts.join(', ')}.`;
};
