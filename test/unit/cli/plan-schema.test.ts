// The schema of the plan file describes the plans that the renderers show.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect, test } from 'vitest';
import { compareText } from '../../../src/model/identifier.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import { renderPlanFile } from '../../../src/planner/plan/plan-file.ts';
import { plan } from '../../support/plans/plans.ts';
import { documentedPlan, estimatedPlan, richPlan } from '../../support/plans/sample-plans.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const schema = JSON.parse(read('schemas/plan.schema.json'));
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
formats.default(ajv);
const validate = ajv.compile(schema);

const fileForm = (value: Plan): Readonly<Record<string, unknown>> =>
  JSON.parse(renderPlanFile(value));

test.each([
  ['empty', plan()],
  ['documented', documentedPlan()],
  ['rich', richPlan()],
  ['estimated', estimatedPlan()],
])('describes the %s plan', (_name, given) => {
  expect(validate(fileForm(given)), JSON.stringify(validate.errors)).toBe(true);
});

test('refuses a step of an unknown kind, and one that lacks its fields', () => {
  const file = fileForm(documentedPlan());
  const [first] = file.steps as readonly Readonly<Record<string, unknown>>[];
  expect(validate({ ...file, steps: [{ ...first, kind: 'paint' }] })).toBe(false);
  const { subscription: _left, ...without } = first ?? {};
  expect(validate({ ...file, steps: [without] })).toBe(false);
});

test('knows the tables that pg_dump reads', () => {
  const file = fileForm(documentedPlan());
  const [first] = file.steps as readonly Readonly<Record<string, unknown>>[];
  const copy = {
    ...first,
    kind: 'copy-tables',
    subscription: 'feed',
    source: 'primary',
    slot: 'feed',
    publications: ['sales'],
    tables: [{ schema: 'public', name: 'orders' }],
    workers: 4,
  };
  const withDumped = (dumped: unknown): boolean =>
    validate({ ...file, steps: [{ ...copy, dumped }] });
  expect(withDumped(copy.tables), JSON.stringify(validate.errors)).toBe(true);
  expect(withDumped(['public.orders'])).toBe(false);
});

test('refuses an estimate whose parts are not there', () => {
  const file = fileForm(estimatedPlan());
  const observed = file.observed as {
    readonly estimate: { readonly edges: Record<string, object> };
  };
  const edge = observed.estimate.edges['reporting/subscription.my_feed'];
  expect(Object.keys(edge ?? {})).toContain('seconds');
  for (const key of Object.keys(edge ?? {})) {
    const edges = { 'reporting/subscription.my_feed': { ...edge, [key]: 'much' } };
    const estimate = { ...observed.estimate, edges };
    expect(validate({ ...file, observed: { ...observed, estimate } }), key).toBe(false);
  }
});

test('refuses a higher major version', () => {
  expect(validate({ ...fileForm(plan()), format_version: '2.0' })).toBe(false);
});

/** The kind of each step, by the name of its interface. */
const kindsByName: ReadonlyMap<string, string> = new Map(
  readdirSync(new URL('../../../src/model/step/', import.meta.url))
    .flatMap((file) => [
      ...read(`src/model/step/${file}`).matchAll(
        /interface (\w+) extends StepBase \{\n {2}readonly kind: '([a-z-]+)'/g,
      ),
    ])
    .map(([, name = '', kind = '']) => [name, kind]),
);

test('knows every kind of step, in the order of the union', () => {
  const union = /export type Step =\n([^;]+);/.exec(read('src/model/step/step.ts'))?.[1] ?? '';
  const members = [...union.matchAll(/\w+/g)].map(([name]) => name);
  expect(members.length).toBeGreaterThan(10);
  expect(members.toSorted(compareText)).toEqual([...kindsByName.keys()].toSorted(compareText));
  expect(schema.$defs.step.oneOf.map((branch: { $ref: string }) => branch.$ref)).toEqual(
    members.map((name) => `#/$defs/step.${kindsByName.get(name)}`),
  );
});
