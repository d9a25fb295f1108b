// What runs where, in order, and every statement of it.

import type { Plan, PlannedStep } from '../../../model/plan/plan.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import { cut } from '../../render/layout.ts';
import { statementLines, waitOf } from '../../render/plan/render-steps.ts';
import { renderStepSql } from '../sql.ts';
import { html, lines, type Markup, none } from './markup.ts';
import { code, type Section, section, table } from './words.ts';

/** The first statement is cut to it; the whole is one click away. */
const statementWidth = 90;

/** A row a step, its reason and its statements folded below. */
export const stepsSection = (plan: Plan): Section | null => {
  if (plan.steps.length === 0) return null;
  const columns = [
    { title: 'No.', number: true },
    { title: 'Node' },
    { title: 'Step' },
    { title: 'How it runs' },
  ];
  return section('steps', 'Steps', table('In this order', columns, plan.steps.map(stepRow)));
};

const stepRow = (step: PlannedStep, index: number): Markup => {
  const [first = '', ...others] = statementLines(step);
  const more = others.length === 0 ? '' : ' …';
  return html`<tr><td class="number">${index + 1}</td><td>${step.node}</td><th scope="row">${code(cut(first, statementWidth) + more)}${sqlOf(step, index + 1)}</th><td>${executionOf(step)}</td></tr>`;
};

const executionOf = ({ kind, execution }: PlannedStep): Markup => {
  if (stepTraits[kind].waits) return html`waits`;
  const { transactional, reversible } = execution;
  const waits = waitOf(execution);
  const locked = waits === '' ? none : html`<br>${waits}`;
  const lasting = reversible ? none : html`<br><b>irreversible</b>`;
  return html`${transactional ? 'in a transaction' : 'no transaction'}${lasting}${locked}`;
};

const sqlOf = (step: PlannedStep, number: number): Markup => html`<details>
<summary>Why, and its SQL</summary>
<pre><code>${lines(renderStepSql(step, number))}</code></pre>
</details>`;
