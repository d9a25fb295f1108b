// The plan as a file: the same value back, and nothing that was not planned.

import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../../src/model/plan/plan.ts';
import {
  parsePlanFile,
  renderPlanFile,
  withPlanId,
} from '../../../../src/planner/plan/plan-file.ts';
import { untouchedServers } from '../../../support/plans/generate.ts';
import { richPlan } from '../../../support/plans/sample-plans.ts';
import {
  desiredState,
  planOf,
  select,
  wantPublication,
  wantSubscription,
} from '../../../support/worlds/worlds.ts';

const made = planOf(
  desiredState(['a', 'b'], {
    publications: [wantPublication('a', 'p', { tables: [select('app.Odd "Name"')] })],
    subscriptions: [
      wantSubscription('b', 'a', 's', {
        publications: ['p'],
        options: { disable_on_error: 'true' },
      }),
    ],
  }),
  untouchedServers({ a: 150018, b: 180004 }),
);

type Document = Record<string, unknown>;

/** The file with something changed; `again`: its id made to fit. */
const tampered = (change: (document: Document) => Document, again = false): string => {
  const document = change(JSON.parse(renderPlanFile(made)) as Document);
  const text = JSON.stringify(document);
  return again ? JSON.stringify({ ...document, plan_id: idThatFits(text) }) : text;
};

/** Found out as anybody would: the parser says whether an id fits, the writer makes one. */
const idThatFits = (text: string): string => {
  const { plan_id: _id, ...rest } = JSON.parse(text) as Document;
  return withPlanId(rest as unknown as Plan).planId;
};

describe('a plan file', () => {
  test.each<[string, Plan]>([
    ['a plan that was made', made],
    ['a plan with everything', withPlanId(richPlan())],
  ])('holds %s, and gives it back', (_what, plan) => {
    expect(parsePlanFile(renderPlanFile(plan), 'x.plan')).toEqual(plan);
  });

  test('is the same bytes again', () => {
    const text = renderPlanFile(made);
    expect(renderPlanFile(parsePlanFile(text, 'x.plan'))).toBe(text);
    expect(text.endsWith('}\n')).toBe(true);
  });

  test('may say otherwise what moves by itself, and which steep made it', () => {
    const text = tampered((document) => ({ ...document, observed: {}, steep_version: '9.9.9' }));
    expect(parsePlanFile(text, 'x.plan').steepVersion).toBe('9.9.9');
  });

  test('of a newer minor is read; what it adds is kept, and counts in its id', () => {
    const newer = (document: Document): Document => ({
      ...document,
      format_version: '1.9',
      added_later: { some_field: 1 },
    });
    const plan = parsePlanFile(tampered(newer, true), 'x.plan');
    expect(plan).toMatchObject({ formatVersion: '1.9', addedLater: { someField: 1 } });
    expect(() => parsePlanFile(tampered(newer), 'x.plan')).toThrow(/was changed/);
  });
});

const firstStep = (document: Document): Document => (document.steps as Document[])[0] ?? {};

test.each<[string, (document: Document) => Document]>([
  ['a step less', (document) => ({ ...document, steps: [] })],
  [
    'another statement',
    (document) => {
      Object.assign(firstStep(document), { execution: { statements: ['DROP TABLE orders'] } });
      return document;
    },
  ],
  [
    'another node',
    (document) => {
      Object.assign(firstStep(document), { node: 'b' });
      return document;
    },
  ],
  ['a hazard less', (document) => ({ ...document, changes: [] })],
  ['made applyable', (document) => ({ ...document, applyable: !made.applyable })],
  ['more allowed', (document) => ({ ...document, allow_hazards: ['SLOT_DROP'] })],
  ['another server', (document) => ({ ...document, nodes: [] })],
  ['--prune', (document) => ({ ...document, options: { prune: true } })],
  ['something added', (document) => ({ ...document, note: 'mine' })],
  ['another id', (document) => ({ ...document, plan_id: `sha256:${'0'.repeat(64)}` })],
  ['no id', ({ plan_id: _id, ...rest }) => rest],
])('%s is tampering', (_what, change) => {
  expect(() => parsePlanFile(tampered(change), 'x.plan')).toThrow(
    expect.objectContaining({ code: 'PLAN_TAMPERED', exit: 65 }) as Error,
  );
});

test.each<[string, string, string]>([
  ['', 'PLAN_UNREADABLE', 'x.plan is not a plan file: it is not JSON.'],
  ['{"format_version":', 'PLAN_UNREADABLE', 'it is not JSON'],
  ['[]', 'PLAN_UNREADABLE', 'it is not a JSON object'],
  ['null', 'PLAN_UNREADABLE', 'it is not a JSON object'],
  ['{}', 'PLAN_UNREADABLE', 'it has no format_version'],
  ['{"format_version":1}', 'PLAN_UNREADABLE', 'it has no format_version'],
  [
    '{"format_version":"2.0"}',
    'PLAN_TOO_NEW',
    'has format 2.0; this version of steep reads up to 1.',
  ],
  ['{"format_version":"10.0"}', 'PLAN_TOO_NEW', 'has format 10.0'],
  ['{"format_version":"x"}', 'PLAN_TOO_NEW', 'has format x'],
])('%j is refused: %s', (text, code, message) => {
  expect(() => parsePlanFile(text, 'x.plan')).toThrow(
    expect.objectContaining({
      code,
      exit: 65,
      message: expect.stringContaining(message) as string,
    }) as Error,
  );
});
