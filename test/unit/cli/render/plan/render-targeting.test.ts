// A plan of a part says so wherever it is printed, and its last line stays the last.

import { expect, test } from 'vitest';
import { renderPlan } from '../../../../../src/cli/render/plan/render-plan.ts';
import { plainStyle } from '../../../../../src/cli/render/style.ts';
import { renderPlanHtml } from '../../../../../src/cli/reports/html/plan-html.ts';
import { renderMarkdown } from '../../../../../src/cli/reports/markdown.ts';
import { renderSqlReport } from '../../../../../src/cli/reports/sql.ts';
import type { Plan } from '../../../../../src/model/plan/plan.ts';
import { documentedGraph } from '../../../../support/plans/plan-graphs.ts';
import { change, observing, plan, step } from '../../../../support/plans/plans.ts';

const part = (rest: Partial<Plan> = {}): Plan =>
  plan({
    options: { prune: false, target: ['reporting/subscription.sales'], exclude: [] },
    changes: [change('reporting/subscription.sales', 'create')],
    steps: [step('reporting/subscription.sales', ['CREATE SUBSCRIPTION sales'])],
    targeting: {
      takenIn: [{ address: 'primary/slot.sales', neededBy: 'reporting/subscription.sales' }],
      leftOut: [
        { address: 'primary/publication.hr', needs: null },
        { address: 'archive/subscription.hr', needs: 'primary/publication.hr' },
      ],
      unread: ['archive'],
    },
    observed: observing({ unread: { archive: 'Node archive: the server does not answer' } }),
    ...rest,
  });

const said = [
  'Incomplete plan: only a part was asked for, with --target reporting/subscription.sales',
  '  & primary/slot.sales  needed by reporting/subscription.sales',
  '  x archive/subscription.hr  left out: needs primary/publication.hr',
  '  ? node archive was not read, and is not changed: Node archive: the server does not answer',
];

test.each([
  ['on the terminal', renderPlan(part(), plainStyle)],
  ['with --summary', renderPlan(part(), plainStyle, { summary: true })],
  ['with --sql', renderPlan(part(), plainStyle, { sql: true })],
  ['where nothing changes', renderPlan(part({ changes: [], steps: [] }), plainStyle)],
  ['in Markdown', renderMarkdown(part())],
])('%s', (_where, text) => {
  const lines = text.trimEnd().split('\n');
  expect(lines).toEqual(expect.arrayContaining(said));
  expect(lines.slice(-2)).toEqual([
    'Targeted: 2 further changes were left out, as far as the nodes could be read.',
    expect.stringMatching(
      /^Plan: 1 to create|^No changes\. What is targeted matches steep\.yaml\./,
    ),
  ]);
});

test('in the SQL report', () => {
  expect(renderSqlReport(part())).toContain('\n-- Targeted: 2 further changes were left out');
});

test.each([
  ['that changes something', part()],
  ['that finds nothing', part({ changes: [], steps: [] })],
])('on the page of a plan %s', (_what, given) => {
  const page = renderPlanHtml(given, documentedGraph);
  for (const line of said) expect(page).toContain(line.replaceAll('&', '&amp;'));
  expect(page).toContain('Targeted: 2 further changes were left out');
  expect(page).not.toContain('The topology matches');
});

test('long lists are counted', () => {
  const takenIn = Array.from({ length: 22 }, (_, index) => ({
    address: `primary/publication.p${index}`,
    neededBy: 'reporting/subscription.sales',
  }));
  const targeting = { takenIn, leftOut: [], unread: [] };
  const text = renderPlan(part({ targeting }), plainStyle);
  expect(text).toContain('  … and 2 more\n');
  expect(text).toContain('Targeted: nothing was left out.\n');
});

test('a whole plan says nothing of it', () => {
  const { targeting: _none, ...whole } = part();
  expect(renderPlan(whole, plainStyle)).not.toMatch(/Incomplete|Targeted/);
});
