// The Steps table of a plan: what runs where, in order, and how it can be undone.

import type { Plan, PlannedStep } from '../../../model/plan/plan.ts';
import { printable, printableLines } from '../../../model/printable.ts';
import type { StepExecution } from '../../../model/step/step-execution.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import { alignColumns, cut, padTo } from '../layout.ts';
import type { Style } from '../style.ts';

const statementWidth = 56;
const statementsShown = 3;

/** A title and one row a step; long statements are cut, and only the first few are shown. */
export const renderSteps = (plan: Plan, style: Style): readonly string[] => {
  if (plan.steps.length === 0) return [];
  const rows = plan.steps.flatMap((step, index) => stepRows(step, index + 1, plan.steps.length));
  return [style.bold('Steps'), ...alignColumns(rows).map((line) => `  ${line}`)];
};

const stepRows = (
  step: PlannedStep,
  number: number,
  total: number,
): readonly (readonly string[])[] => {
  const position = String(number).padStart(String(total).length);
  const [first = '', ...others] = statementLines(step).map((line) => cut(line, statementWidth));
  return [
    [`${position} ${printable(step.node)}`, first, executionOf(step)],
    ...others.map((line) => ['', line, '']),
  ];
};

/** Its statements; where it has none, such as a wait, the note that its executor wrote as a comment. */
export const statementLines = (step: PlannedStep): readonly string[] => {
  const lines = step.execution.statements.flatMap(linesOf);
  const shown = lines.slice(0, statementsShown).map(printableLines);
  const more = lines.length - shown.length;
  if (shown.length === 0) return [printable(step.id)];
  return more === 0 ? shown : [...shown, `… and ${more} more`];
};

/** Whether this is no SQL to run but a comment for readers. */
export const isNote = (statement: string): boolean =>
  statement.split('\n').every((line) => line.startsWith('--'));

/** A note says one thing a line. */
const linesOf = (statement: string): readonly string[] =>
  isNote(statement) ? statement.replaceAll(/^-- ?/gm, '').split('\n') : [statement];

/** `at most 2 s`: the limit as it was asked for, not rounded. */
const limited = (ms: number): string => {
  if (ms === 0) return 'without a limit';
  return ms < 1000 ? `at most ${ms} ms` : `at most ${ms / 1000} s`;
};

/** What it waits for, and how long. */
export const waitOf = ({ lock, lockTimeoutMs, statementTimeoutMs }: StepExecution): string => {
  if (lock !== null) return `${printable(lock)}, ${limited(lockTimeoutMs ?? 0)}`;
  return statementTimeoutMs === null ? '' : `waits ${limited(statementTimeoutMs)}`;
};

/** `tx     SHARE UPDATE EXCLUSIVE, at most 2 s`; a wait has nothing to roll back. */
const executionOf = ({ kind, execution }: PlannedStep): string => {
  const { transactional, reversible } = execution;
  if (stepTraits[kind].waits) return '';
  const mode = transactional ? 'tx' : 'no tx';
  const locked = waitOf(execution);
  if (!reversible) return [mode, 'irreversible', locked].filter((part) => part !== '').join(', ');
  return locked === '' ? mode : `${padTo(mode, 'no tx'.length)}  ${locked}`;
};
