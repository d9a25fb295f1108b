// How a run ended: each step with what became of it, and what to do next.

import type { RunOutcome } from '../../../model/event.ts';
import { plural } from '../../../model/listing.ts';
import type { RunReport, StepReport, StepStatus } from '../../../model/plan/run-report.ts';
import { printable, printableLines } from '../../../model/printable.ts';
import { formatDuration } from '../../../model/quantity.ts';
import { alignColumns, hang } from '../layout.ts';
import type { Style } from '../style.ts';

const statusWords: Readonly<Record<StepStatus, string>> = {
  done: '+ done',
  skipped: '= already done',
  failed: 'x FAILED',
  'in-doubt': '? IN DOUBT',
  'not-started': '- not started',
};

/** The report at the end of a run, its outcome on the last line. */
export const renderRun = (report: RunReport, style: Style): string => {
  const rows = report.steps.map((step) => [
    paintStatus(step.status, style),
    printable(step.node),
    printable(step.id),
    step.durationMs === null ? '' : formatDuration(step.durationMs),
  ]);
  return [
    ...alignColumns(rows).map((line) => `  ${line}`),
    ...report.steps.flatMap((step) => renderFailure(step, style)),
    ...report.behind.map((sentence) => `  behind: ${printable(sentence)}`),
    ...(report.left ?? []).map((sentence) => `  left: ${printable(sentence)}`),
    ...(rows.length + report.behind.length > 0 ? [''] : []),
    ...nextOf(report),
    ...(report.targeted === true
      ? [
          'Only a part was planned: the topology may still differ from steep.yaml. steep plan shows it.',
        ]
      : []),
    ...(report.unchecked === true
      ? ['The copied tables were not checked (--no-check): changes by others were not detected.']
      : []),
    outcomeLine(report, style),
  ].join('\n');
};

const paintStatus = (status: StepStatus, style: Style): string => {
  const word = statusWords[status];
  if (status === 'done') return style.good(word);
  return status === 'failed' || status === 'in-doubt' ? style.bad(word) : style.dim(word);
};

const renderFailure = ({ id, error }: StepReport, style: Style): readonly string[] =>
  error === null
    ? []
    : [
        '',
        `${style.bad(printable(id))}: ${hang(printableLines(error.message), '  ')}  ${style.dim(error.code)}`,
        ...error.suggestions.map((suggestion) => `    ${hang(printableLines(suggestion), '    ')}`),
      ];

/** What to do next: the same command again, since every run continues where the last one stopped. */
const nextOf = ({ outcome, steps }: RunReport): readonly string[] => {
  const doubtful = steps.filter(({ status }) => status === 'in-doubt');
  const doubt =
    doubtful.length === 0
      ? []
      : [
          `In doubt: ${doubtful.map(({ id }) => printable(id)).join(', ')}. The next run checks first.`,
        ];
  switch (outcome) {
    case 'partial':
    case 'failed':
    case 'interrupted':
      return [
        ...doubt,
        'To continue, run the same command again: completed steps are not repeated.',
      ];
    case 'not-converged':
      return ['To see the state of replication, and what to do:', '  steep status'];
    case 'converged':
    case 'applied':
    case 'nothing-to-do':
      return doubt;
  }
};

const outcomeWords: Readonly<Record<RunOutcome, string>> = {
  converged: 'Applied and converged',
  applied: 'Applied',
  'nothing-to-do': 'Nothing to do',
  partial: 'Partly applied',
  failed: 'Failed',
  interrupted: 'Interrupted',
  'not-converged': 'Applied, not converged',
};

/** `Applied and converged: 5 of 5 steps done, 1 of them before, in 3m20s.` */
const outcomeLine = (report: RunReport, style: Style): string => {
  const { outcome, steps, durationMs } = report;
  const skipped = steps.filter(({ status }) => status === 'skipped').length;
  const done = skipped + steps.filter(({ status }) => status === 'done').length;
  const before = skipped === 0 ? '' : `, ${skipped} of them before`;
  const counts = `${done} of ${plural(steps.length, 'step')} done${before}`;
  if (steps.length === 0 && outcome === 'not-converged') {
    return style.bad('Nothing to apply, and not converged.');
  }
  const good = outcome === 'converged' || outcome === 'applied' || outcome === 'nothing-to-do';
  const word = good ? style.good(outcomeWords[outcome]) : style.bad(outcomeWords[outcome]);
  return `${word}: ${counts}, in ${formatDuration(durationMs)}.`;
};
