// A comparison of two nodes for people: a line a table, a line for each schema that is the same, the last line.

import { plural } from '../../../model/listing.ts';
import { printable } from '../../../model/printable.ts';
import type { ComparedTable, ComparisonReport } from '../../../model/schema/schema-report.ts';
import { alignColumns } from '../layout.ts';
import type { Style } from '../style.ts';

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
    style.bold(`${nodeOf(report.local)} and ${nodeOf(report.remote)}`),
    ...alignColumns(rows).map((line) => `  ${line}`),
    summaryOf(report),
  ].join('\n');
};

const nodeOf = ({ name, endpoint }: ComparisonReport['local']): string =>
  printable(`${name} (${endpoint})`);

const tableRow = (table: ComparedTable, report: ComparisonReport, style: Style) => [
  printable(table.table),
  table.status === 'MATCH' ? style.good('MATCH') : style.caution(table.status),
  noteOf(table, report),
];

const noteOf = (
  { status, replicationMatches }: ComparedTable,
  report: ComparisonReport,
): string => {
  if (status === 'LOCAL_ONLY') return `only on ${printable(report.local.name)}`;
  if (status === 'REMOTE_ONLY') return `only on ${printable(report.remote.name)}`;
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
    `${localOnly} only on ${printable(local.name)}`,
    `${remoteOnly} only on ${printable(remote.name)}`,
  ];
  return `${plural(total, 'table')}: ${parts.join(', ')}.`;
};
