// Drift for people: what differs on each node, what was silenced, what is pending, the last line.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import type { DriftFinding, DriftReport } from '../../model/report/drift.ts';
import { noted, titled } from '../noted.ts';
import { padTo } from './layout.ts';
import { renderDetail } from './plan/render-change.ts';
import { renderUnchecked } from './plan/render-unchecked.ts';
import { renderDiagnostics } from './render-diagnostics.ts';
import { renderDriftSummary } from './render-drift-summary.ts';
import type { Style } from './style.ts';

/** The whole report as text, without a newline at the end. */
export const renderDrift = (report: DriftReport, style: Style): string =>
  [
    ...renderFindings(report, style),
    ...spaced(renderNotRead(report, style)),
    ...renderAsides(report, style),
    renderDriftSummary(report),
  ].join('\n');

/** What differs, by node and class. */
export const renderFindings = (report: DriftReport, style: Style): readonly string[] =>
  report.nodes.flatMap(({ name }) => {
    const found = report.findings.filter(({ node }) => node === name);
    if (found.length === 0) return [];
    const classes = report.classes.flatMap((compared) => {
      const own = found.filter((finding) => finding.class === compared.class);
      if (own.length === 0) return [];
      return [style.bold(`  ${compared.class}`), ...own.flatMap((it) => renderFinding(it, style))];
    });
    return spaced([style.bold(`node ${printable(name)}`), ...classes]);
  });

/** The column where the code of a finding begins. */
const codeColumn = 50;

const renderFinding = (finding: DriftFinding, style: Style): readonly string[] => {
  const name = finding.address.slice(finding.address.indexOf('/') + 1);
  const head = style.caution(`    ${symbolOf(finding)} ${printable(name)}`);
  const { applied } = finding;
  return [
    `${padTo(head, codeColumn)}  ${style.dim(finding.code)}`,
    `        ${printable(finding.summary)}`,
    ...finding.details.flatMap((detail) => renderDetail(detail).map((line) => `  ${line}`)),
    ...(applied === null
      ? []
      : [
          `        ${style.dim(printable(`applied ${applied.appliedAt} by run ${applied.runId}`))}`,
        ]),
    ...finding.cure.map((line) => `        ${style.dim('>')} ${printable(line)}`),
  ];
};

const symbolOf = ({ class: ofClass, code }: DriftFinding): string => {
  if (ofClass === 'runtime') return '!';
  return code === 'DRIFT_CHANGED' || ofClass === 'schema' ? '~' : '-';
};

/** A node that could not be read, and why: what is on it is not known. */
export const renderNotRead = ({ nodes }: DriftReport, style: Style): readonly string[] =>
  nodes.flatMap(({ name, error }) =>
    error === null
      ? []
      : [
          style.bad(`node ${printable(name)} could not be read`),
          `    ${printable(error.message)}  ${style.dim(error.code)}`,
        ],
  );

/** All that is no drift and that a reader must know. */
export const renderAsides = (report: DriftReport, style: Style): readonly string[] =>
  [
    ignoredLines(report, style),
    pendingLines(report, style),
    adoptedLines(report, style),
    renderUnchecked(report.unchecked, style),
    report.warnings.length === 0 ? [] : [renderDiagnostics(report.warnings, style)],
    nothingApplied(report),
  ].flatMap(spaced);

const ignoredLines = ({ ignored }: DriftReport, style: Style): readonly string[] =>
  titled(
    'Ignored',
    ignored.map(({ finding, rule }) => {
      const until = rule.until === null ? '' : `, until ${rule.until}`;
      const note = `${rule.reason} (${rule.source}${until})`;
      return noted(`${finding.address}  ${finding.code}`, note, style);
    }),
    style,
  );

const pendingLines = ({ pending }: DriftReport, style: Style): readonly string[] =>
  titled(
    'Pending edits of steep.yaml, which are not drift',
    pending.map(({ address, edit }) => noted(address, editWords[edit], style)),
    style,
  );

const editWords = {
  new: 'not applied yet',
  changed: 'edited',
  left: 'no longer in steep.yaml',
  removed: 'named in removed',
  renamed: 'gets another name',
} as const;

const adoptedLines = ({ adopted }: DriftReport, style: Style): readonly string[] =>
  titled('Changed on the server and in steep.yaml, to the same', adopted.map(printable), style);

/** Nothing compared with nothing is no proof of anything. */
const nothingApplied = ({ classes, nodes }: DriftReport): readonly string[] => {
  if (classes.some(({ addresses }) => addresses.length > 0)) return [];
  const read = nodes.filter(({ error }) => error === null).length;
  return [`Nothing that steep applied is on ${plural(read, 'node')}: there is nothing to compare.`];
};

/** A part followed by an empty line, unless it is empty itself. */
const spaced = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [...lines, ''];
