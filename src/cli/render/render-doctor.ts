// What the doctor found, for people: a table for each node, the worst first, with its limits.

import { plural } from '../../model/listing.ts';
import { printable, printableLines } from '../../model/printable.ts';
import {
  type DoctorFinding,
  type DoctorNode,
  type DoctorReport,
  type FindingStatus,
  findingStatuses,
  type LimitLine,
  type ReadableDoctorNode,
} from '../../model/report/doctor.ts';
import { alignColumns, hang, padTo } from './layout.ts';
import type { Style } from './style.ts';

/** Tables for people. For machines, the report itself is the JSON document. */
export const renderDoctor = (report: DoctorReport, style: Style): string =>
  [
    ...report.nodes.flatMap((node) => [...renderNode(node, style), '']),
    summary(report, style),
  ].join('\n');

const renderNode = (node: DoctorNode, style: Style): readonly string[] => [
  heading(node, style),
  ...findingLines(node, style),
  ...(node.readable ? limitLines(node, style) : []),
];

const heading = (node: DoctorNode, style: Style): string =>
  node.readable
    ? `${style.bold(node.name)}  ${printable(node.endpoint)}, PostgreSQL ${node.version}, as role ${printable(node.role)}`
    : `${style.bold(node.name)}  ${style.bad('NOT READ')}  ${node.error.code}`;

/** Bad news in capitals: it must be seen without colour too. */
const statusWords: Readonly<Record<FindingStatus, string>> = {
  error: 'ERROR',
  warning: 'warning',
  unknown: 'UNKNOWN',
  ok: 'ok',
};

const paintOf = (status: FindingStatus, style: Style): ((text: string) => string) => {
  if (status === 'ok') return style.good;
  return status === 'error' ? style.bad : style.caution;
};

const statusWidth = Math.max(...Object.values(statusWords).map(({ length }) => length));

const findingLines = (node: DoctorNode, style: Style): readonly string[] => {
  const shown = node.findings.filter((finding) => !isInTable(finding, node));
  const checkWidth = Math.max(0, ...shown.map(({ check }) => check.length));
  const indent = ' '.repeat(2 + statusWidth + 2 + checkWidth + 2);
  return shown.flatMap(({ status, check, message, cure }) => [
    `  ${paintOf(status, style)(padTo(statusWords[status], statusWidth))}  ${padTo(check, checkWidth)}  ${hang(printableLines(message), indent)}`,
    ...cure.map((line) => `${indent}${hang(printableLines(line), indent)}`),
  ]);
};

/** A limit that would not be exceeded has a row in the table below, and needs no sentence. */
const isInTable = ({ status, check }: DoctorFinding, node: DoctorNode): boolean =>
  status === 'ok' &&
  node.readable &&
  node.limits.some(({ setting, needed }) => setting === check && needed !== null);

const limitHeader = ['setting', 'value', 'used', 'needed', 'allowed', 'a change takes'];

const limitLines = (node: ReadableDoctorNode, style: Style): readonly string[] => {
  const lines = alignColumns([limitHeader, ...node.limits.map(limitRow)]);
  return lines.map((line, index) => `  ${index === 0 ? style.dim(line) : line}`);
};

const limitRow = (limit: LimitLine): readonly string[] => [
  limit.setting,
  printable(limit.value),
  countOf(limit.used),
  countOf(limit.needed),
  countOf(limit.allowed),
  `a ${limit.change}${limit.pendingRestart ? ' (one is pending)' : ''}`,
];

const countOf = (count: number | null): string => (count === null ? '-' : String(count));

const summary = ({ nodes, summary: counts }: DoctorReport, style: Style): string => {
  const worst = findingStatuses.find((status) => counts[status] > 0) ?? 'ok';
  const text = `Doctor: ${plural(nodes.length, 'node')}, ${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${counts.unknown} unknown, ${counts.ok} ok.`;
  return paintOf(worst, style)(text);
};
