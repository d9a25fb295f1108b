// Drift as a comment or a page of a pipeline: found again by its marker, short enough for every forge.
// The table of all findings and the last line are the recap, and always whole.

import { printable } from '../../model/printable.ts';
import type { DriftFinding, DriftReport } from '../../model/report/drift.ts';
import { renderAsides, renderFindings, renderNotRead } from '../render/render-drift.ts';
import { renderDriftSummary } from '../render/render-drift-summary.ts';
import { plainStyle } from '../render/style.ts';
import { fenced, length, markdownLimit } from './markdown.ts';

/** A bot finds its earlier comment by it. */
const marker = '<!-- steep:drift -->';

const whole = 'all of it is in the JSON report';

/** At most `markdownLimit` characters, unless the recap alone is longer: it is never cut. */
export const renderDriftMarkdown = (report: DriftReport): string => {
  const head = [marker, '## steep drift', '', ...recapOf(report)];
  const tail = ['', renderDriftSummary(report), ''];
  const frame = 400;
  const room = Math.max(0, markdownLimit - length(head) - length(tail) - frame);
  const asides = renderAsides(report, plainStyle);
  const findings = renderFindings(report, plainStyle);
  const forFindings = Math.max(room / 2, room - length(asides));
  return [
    ...head,
    ...details('Findings', findings, forFindings),
    ...details('Also', asides, room - Math.min(forFindings, length(findings))),
    ...tail,
  ].join('\n');
};

const recapOf = (report: DriftReport): readonly string[] => {
  const unread = renderNotRead(report, plainStyle);
  const rows = report.findings.map(row);
  return [
    ...(unread.length === 0 ? [] : [...fenced(unread, Number.POSITIVE_INFINITY), '']),
    ...(rows.length === 0 ? [] : ['| class | finding | address |', '|---|---|---|', ...rows, '']),
  ];
};

const row = ({ class: ofClass, code, address }: DriftFinding): string =>
  `| ${ofClass} | ${code} | ${cell(address)} |`;

/** One line that neither ends its cell nor reads as markup. */
const cell = (text: string): string =>
  printable(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&]/g, (character) => `&#${character.codePointAt(0)};`);

const details = (summary: string, lines: readonly string[], room: number): readonly string[] =>
  lines.length === 0
    ? []
    : [
        `<details><summary>${summary}</summary>`,
        '',
        ...fenced(lines.join('\n').trimEnd().split('\n'), room, '', whole),
        '',
        '</details>',
        '',
      ];
