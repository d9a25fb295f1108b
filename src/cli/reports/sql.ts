// The SQL of a plan as a script to read, or to run manually node by node. Secrets are printed as '***'.

import type { Plan, PlannedStep } from '../../model/plan/plan.ts';
import { printable } from '../../model/printable.ts';
import { scriptSettings } from '../../model/script-settings.ts';
import { isNote } from '../render/plan/render-steps.ts';
import { renderSummary } from '../render/plan/render-summary.ts';
import { renderLeftOut } from '../render/plan/render-targeting.ts';

/** The report file: where the script comes from, then the script. */
export const renderSqlReport = (plan: Plan): string =>
  [
    `-- steep plan ${printable(plan.planId)}`,
    ...[...renderLeftOut(plan), renderSummary(plan)].map((line) => `-- ${line}`),
    '-- steep apply also checks each server, takes locks with a timeout and records what it manages.',
    '',
    renderSqlScript(plan),
    '',
  ].join('\n');

/** Every statement of every step, in order, with a comment for each node and step. Each node has a session of its own. */
export const renderSqlScript = (plan: Plan): string =>
  plan.steps
    .map((step, index) => {
      const before = plan.steps[index - 1];
      const node =
        before?.node === step.node
          ? []
          : [`-- node ${printable(step.node)}`, ...scriptSettings('SET')];
      return [...node, renderStepSql(step, index + 1)].join('\n');
    })
    .join('\n\n');

/** The statements of one step, below its reason as a comment. */
export const renderStepSql = (step: PlannedStep, number: number): string => {
  const { statements, transactional } = step.execution;
  const comment = `-- step ${number}: ${printable(step.why)}`;
  const notes = statements.filter(isNote);
  const sql = statements.filter((statement) => !isNote(statement)).map(endStatement);
  const wrapped = transactional && sql.length > 0 ? ['BEGIN;', ...sql, 'COMMIT;'] : sql;
  return [comment, ...notes, ...wrapped].join('\n');
};

const endStatement = (statement: string): string =>
  /;\s*$/.test(statement) ? statement.trimEnd() : `${statement.trimEnd()};`;
