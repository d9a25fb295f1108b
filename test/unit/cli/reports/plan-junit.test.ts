// A plan as JUnit's XML: what blocks fails, what is planned passes, unless a difference was to fail.

import { expect, test } from 'vitest';
import { renderPlanJunit } from '../../../../src/cli/reports/plan-junit.ts';
import type { Plan } from '../../../../src/model/plan/plan.ts';
import { printable } from '../../../../src/model/printable.ts';
import { parseXml, type XmlElement } from '../../../support/fakes/parse-xml.ts';
import { harmful, harmfulPlan, manyDrops } from '../../../support/plans/large-plans.ts';
import { plan } from '../../../support/plans/plans.ts';
import { documentedPlan, richPlan } from '../../../support/plans/sample-plans.ts';

const read = (made: Plan, differenceFails = false): XmlElement =>
  parseXml(renderPlanJunit(made, { differenceFails }));

/** Each case of each suite, and how it ended. */
const outcomes = (document: XmlElement) =>
  Object.fromEntries(
    document.children.map((suite) => [
      suite.attributes.name,
      suite.children.map((it) => [
        it.attributes.name,
        it.children.find(({ name }) => name !== 'system-out')?.name ?? 'passed',
      ]),
    ]),
  );

test('a suite for each node; every block and every danger that was not allowed is a failure', () => {
  const document = read(richPlan());
  expect(document.attributes).toEqual({
    name: 'steep plan',
    tests: '15',
    failures: '2',
    errors: '1',
  });
  expect(outcomes(document)).toEqual({
    primary: [
      ['the node can be read', 'passed'],
      ['REPLICA_IDENTITY_MISSING primary/publication.all', 'failure'],
      ['PUBLICATION_GAP primary/publication.old', 'skipped'],
      ['WAL_RETENTION primary/slot.cdc', 'passed'],
      ['LOCK_SHARE_UPDATE primary/publication.all', 'passed'],
      ['primary/publication.all', 'passed'],
      ['primary/publication.old', 'passed'],
      ['primary/slot.sales', 'passed'],
    ],
    reporting: [
      ['the node can be read', 'passed'],
      ["SUBSCRIPTION_REPLACE reporting/subscription.o'brien feed", 'failure'],
      ["reporting/subscription.o'brien feed", 'passed'],
      ['reporting/subscription.gone', 'skipped'],
      ['reporting/copy."o\'brien feed":public.a', 'passed'],
      ['reporting/copy."o\'brien feed":public.b', 'passed'],
    ],
    archive: [['the node can be read', 'error']],
  });
});

test('a failure says what happens, and the flag that allows it', () => {
  const failures = read(documentedPlan())
    .children.flatMap(({ children }) => children)
    .flatMap(({ children }) => children)
    .filter(({ name }) => name === 'failure');
  expect(failures).toHaveLength(1);
  expect(failures[0]?.attributes.message).toMatch(
    /^danger: discards slot legacy_feed at 3\/4410B20/,
  );
  expect(failures[0]?.text).toContain(
    'allow with: --allow-hazard SLOT_DROP=reporting/subscription.legacy_feed',
  );
});

test('where a difference fails, each change is a failure too, and what stays is not', () => {
  const { reporting } = outcomes(read(richPlan(), true));
  expect(reporting).toContainEqual(["reporting/subscription.o'brien feed", 'failure']);
  expect(reporting).toContainEqual(['reporting/copy."o\'brien feed":public.a', 'failure']);
  expect(reporting).toContainEqual(['reporting/subscription.gone', 'skipped']);
});

test.each([false, true])('without changes each node still is a case that passed', (fails) => {
  expect(outcomes(read(plan(), fails))).toEqual({
    primary: [['the node can be read', 'passed']],
    reporting: [['the node can be read', 'passed']],
  });
});

test('an error that is about no node has a suite of its own', () => {
  expect(outcomes(read(harmfulPlan())).plan).toEqual([['UNREACHABLE', 'error']]);
});

test('an error about a node that was read is a case next to it', () => {
  const address = 'primary/publication.sales';
  const error = { severity: 'error', code: 'TABLE_NOT_FOUND', summary: 's', detail: 'd' } as const;
  const { primary } = outcomes(read(plan({ applyable: false, errors: [{ ...error, address }] })));
  expect(primary).toEqual([
    ['the node can be read', 'passed'],
    ['TABLE_NOT_FOUND primary/publication.sales', 'error'],
  ]);
});

test('no name breaks it', () => {
  const [, reporting] = read(harmfulPlan()).children;
  const names = reporting?.children.map(({ attributes }) => attributes.name);
  expect(names).toContain(`reporting/subscription.${printable(harmful)}`);
});

test('a thousand dangers are a thousand failures', () => {
  expect(read(manyDrops(1000)).attributes).toMatchObject({ tests: '2002', failures: '1000' });
});
