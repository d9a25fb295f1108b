// Drift as JUnit's XML: a case for each address and class, and well-formed whatever the names are.

import { expect, test } from 'vitest';
import { driftReportText } from '../../../../src/cli/drift-output.ts';
import { renderJunit } from '../../../../src/cli/reports/junit.ts';
import { parseXml } from '../../../support/fakes/parse-xml.ts';
import { richDrift } from '../../../support/plans/drifts.ts';

const suitesOf = (xml: string) => {
  const { name, attributes, children } = parseXml(xml);
  expect(name).toBe('testsuites');
  return { attributes, suites: children };
};

test('a case for each address and class', () => {
  const [changed, orphan] = richDrift().findings;
  const report = {
    ...richDrift({
      findings: changed === undefined || orphan === undefined ? [] : [changed, orphan],
    }),
    classes: [
      {
        class: 'topology',
        addresses: ['primary/publication.cdc_a', 'primary/publication.sales', 'primary/slot.feed'],
      },
      { class: 'schema', addresses: ['reporting/table.public.orders'] },
      { class: 'runtime', addresses: ['primary/slot.feed'] },
    ],
  } as const;
  const { attributes, suites } = suitesOf(driftReportText('junit', report));
  expect(attributes).toEqual({
    name: 'steep drift',
    tests: '7',
    failures: '2',
    errors: '1',
  });
  const outcomes = suites.map(({ attributes: { name }, children }) => [
    name,
    children.map((it) => [it.attributes.name, it.children[0]?.name ?? 'passed']),
  ]);
  expect(outcomes).toEqual([
    [
      'nodes',
      [
        ['primary', 'passed'],
        ['reporting', 'error'],
      ],
    ],
    [
      'topology',
      [
        ['primary/publication.cdc_a', 'skipped'],
        ['primary/publication.sales', 'failure'],
        ['primary/slot.feed', 'passed'],
      ],
    ],
    ['schema', [['reporting/table.public.orders', 'passed']]],
    ['runtime', [['primary/slot.feed', 'failure']]],
  ]);
  const failure = suites[1]?.children[1]?.children[0];
  expect(failure?.attributes.message).toMatch(/^DRIFT_CHANGED: /);
  expect(failure?.text).toContain('+ public.extra');
});

test.each(['plain', '<a> & "b" \'c\' ]]>', 'Größe 🐘 \u{fffd}'])('text survives: %j', (text) => {
  const result = { kind: 'failure', message: text, text } as const;
  const { suites } = suitesOf(renderJunit(text, [{ name: text, cases: [{ name: text, result }] }]));
  const [suite] = suites;
  const [testcase] = suite?.children ?? [];
  const [failure] = testcase?.children ?? [];
  expect(testcase?.attributes).toEqual({ classname: text, name: text });
  expect([failure?.attributes.message, failure?.text]).toEqual([text, text]);
});

test('characters that XML does not have are escaped', () => {
  const name = 'a\u0000\u001b\u{ffff}\ud800b';
  const { suites } = suitesOf(renderJunit('s', [{ name: 's', cases: [{ name }] }]));
  expect(suites[0]?.children[0]?.attributes.name).toBe('a\\x00\\x1b\\uffff\\ud800b');
});
