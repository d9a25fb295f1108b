// A saved plan against one made now: what is done, what is new, and whether it is the same server.

import { describe, expect, test } from 'vitest';
import type { Plan, PlannedStep } from '../../../../src/model/plan/plan.ts';
import { comparePlans } from '../../../../src/planner/plan/compare-plans.ts';
import { hazard, nodes, plan, step } from '../../../support/plans/plans.ts';

const first = step('a/subscription.one', ['DROP SUBSCRIPTION one']);
const second = step('a/subscription.two', ['DROP SUBSCRIPTION two']);
const saved = plan({ steps: [first, second] });

const compare = (...steps: readonly PlannedStep[]) => comparePlans(saved, plan({ steps }));

describe('steps', () => {
  test('that are planned again are neither done nor unexpected', () => {
    expect(compare(first, second)).toEqual({ done: [], unexpected: [], otherServers: [] });
  });

  test('that are no longer planned are done', () => {
    expect(compare(second).done).toEqual([first.id]);
    expect(compare().done).toEqual([first.id, second.id]);
  });

  test('that the saved plan does not have make it stale', () => {
    const third = step('a/subscription.three', []);
    expect(compare(first, third)).toMatchObject({
      done: [second.id],
      unexpected: [`${third.id} is not in the plan`],
    });
  });

  test.each<[string, Partial<PlannedStep>]>([
    ['why', { why: 'another reason' }],
    ['needs', { needs: [second.id] }],
    ['hazards', { hazards: [hazard('SLOT_DROP', 'danger', first.address)] }],
  ])('may be planned for another %s', (_what, other) => {
    expect(compare({ ...first, ...other } as PlannedStep, second).unexpected).toEqual([]);
  });

  test.each<[string, Partial<PlannedStep>]>([
    ['node', { node: 'b' }],
    ['payload', { subscription: 'other' } as Partial<PlannedStep>],
    ['statement', { execution: { ...first.execution, statements: ['DROP SUBSCRIPTION x'] } }],
    ['lock', { execution: { ...first.execution, lock: 'ACCESS EXCLUSIVE' } }],
    ['ownership', { forgets: [first.address] }],
  ])('with another %s make it stale', (_what, other) => {
    expect(compare({ ...first, ...other } as PlannedStep, second).unexpected).toEqual([
      `${first.id} would now be carried out differently`,
    ]);
  });
});

describe('ownership that a reviewed step was to give up', () => {
  const forgetting = { ...first, forgets: [first.address] } as PlannedStep;
  const rest = {
    ...first,
    id: `record-ownership ${first.address}`,
    kind: 'record-ownership',
    owns: null,
    forgets: [first.address],
  } as unknown as PlannedStep;

  test('is given up by a run that continues, where its step was killed in between', () => {
    const found = comparePlans(plan({ steps: [forgetting] }), plan({ steps: [rest] }));
    expect(found).toMatchObject({ done: [first.id], unexpected: [] });
  });

  test('and of nothing else', () => {
    expect(compare(rest, second).unexpected).toEqual([`${rest.id} is not in the plan`]);
  });
});

describe('servers', () => {
  const [primary, reporting] = nodes;
  const against = (...now: Plan['nodes']) => comparePlans(saved, plan({ nodes: now })).otherServers;

  test.each([
    ['system identifier', { systemIdentifier: '1' }],
    ['timeline', { timeline: 2 }],
    ['database', { database: 'other' }],
  ])('with another %s are others', (_what, other) => {
    if (primary === undefined || reporting === undefined) throw new Error('two nodes');
    expect(against({ ...primary, ...other }, reporting)).toEqual(['primary']);
  });

  test('that are gone from the file are others', () => {
    expect(primary && against(primary)).toEqual(['reporting']);
  });

  test('may have been upgraded, and reached in another way', () => {
    const upgraded = nodes.map((node) => ({
      ...node,
      version: '17.99',
      connection: 'env:OTHER',
      topologyFingerprint: 'sha256:1',
    }));
    expect(against(...upgraded)).toEqual([]);
  });
});
