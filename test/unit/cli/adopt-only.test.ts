// How a plan that only adopts is worded: a line above the last says that nothing replicates differently.

import { expect, test } from 'vitest';
import { renderAdoption, renderSummary } from '../../../src/cli/render/plan/render-summary.ts';
import { renderImport } from '../../../src/cli/render/render-import.ts';
import { change, plan } from '../../support/plans/plans.ts';

const adoption = [
  change('primary/metadata.steep_repl', 'create'),
  change('primary/node.primary', 'create'),
  change('primary/publication.sales', 'adopt'),
  change('primary/slot.sales', 'adopt'),
];

test('adoption, with what steep needs for itself', () => {
  const adopting = plan({ changes: adoption });
  expect(renderAdoption(adopting)).toEqual([
    'Adopt only: steep manages 2 more objects; nothing is created, changed or dropped outside steep_repl.',
  ]);
  expect(renderSummary(adopting)).toMatch(/^Plan: \d+ to create, /);
});

test.each([
  ['another change', [...adoption, change('primary/publication.other', 'change')]],
  ['something left', [...adoption, change('primary/publication.other', 'left')]],
  ['nothing adopted', adoption.slice(0, 2)],
])('%s: counts as usual', (_, changes) => {
  expect(renderAdoption(plan({ changes }))).toEqual([]);
});

test('what import wrote, and what to do next', () => {
  const imported = {
    file: 'my topology.yaml',
    nodes: ['a', 'b'],
    publications: ['a/publication.p'],
    subscriptions: [],
    variables: ['A_URL', 'B_URL'],
    leftOut: [{}],
  };
  expect(renderImport(imported)).toMatchInlineSnapshot(`
    "Wrote my topology.yaml: 2 nodes, 1 publication, 0 subscriptions.
    1 object left out: the end of the file lists them, with the reasons.
    Next, with these variables set:
      A_URL, B_URL
      steep plan --config 'my topology.yaml'"
  `);
});
