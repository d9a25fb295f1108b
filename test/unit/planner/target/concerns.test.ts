// What concerns a part of a plan: hazards, nodes that could not be read, addresses that nothing has.

import { describe, expect, test } from 'vitest';
import type { PlanOptions } from '../../../../src/model/plan/plan.ts';
import { unknownPatterns } from '../../../../src/planner/target/named.ts';
import { isAwaited } from '../../../../src/planner/target/touches.ts';
import {
  applied,
  asked,
  change,
  hub,
  planned,
  stepsOf,
  untouched,
  without,
} from '../../../support/worlds/hub.ts';
import { server, table, wantSubscription } from '../../../support/worlds/worlds.ts';

describe('hazards', () => {
  const keyless = ['orders', 'people', 'staff'].map((name) => table(name, { keyColumns: null }));
  const blocked = change(untouched, 'two', { tables: keyless });

  test('of what is left out do not block', () => {
    expect(planned(asked, blocked, {}).applyable).toBe(false);
    const plan = planned(asked, blocked, { target: ['one/subscription.sales'] });
    expect(plan).toMatchObject({ applyable: true, summary: { block: 0 } });
  });

  test('of a node that is touched do', () => {
    const pooled = change(untouched, 'hub', { server: server({ pooled: true }) });
    const target = ['one/subscription.sales'];
    expect(planned(asked, pooled, { target }).summary.block).toBe(1);
    const other = change(untouched, 'two', { server: server({ pooled: true }) });
    expect(planned(asked, other, { target }).summary.block).toBe(0);
  });

  test('CAPACITY counts what is kept only', () => {
    const limits = [{ setting: 'max_replication_slots', limit: 1, used: 0 }];
    const tight = change(untouched, 'hub', { server: server({ limits }) });
    expect(planned(asked, tight, {}).summary.block).toBe(1);
    const part = planned(asked, tight, { target: ['one/subscription.sales'] });
    expect(part.summary.block).toBe(0);
  });
});

describe('a node that could not be read', () => {
  const down = without(untouched, 'two');

  test('does not matter where nothing kept needs it, and is named', () => {
    const plan = planned(asked, down, { target: ['one/subscription.sales'] });
    expect(plan).toMatchObject({ applyable: true, errors: [], targeting: { unread: ['two'] } });
    expect(plan.observed.unread).toEqual({ two: 'two does not answer' });
  });

  test.each<[string, Partial<PlanOptions>]>([
    ['it is targeted itself', { target: ['two/node.two'] }],
    ['one end of the edge is there', { target: ['two/subscription.staff'] }],
    ['the slot of the edge is for it', { target: ['hub/slot.staff'] }],
    ['something of it is named that only it could know', { target: ['two/publication.x'] }],
    ['the rest is wanted', { exclude: ['one/subscription.sales'] }],
  ])('leaves the plan incomplete where %s', (_why, options) => {
    expect(planned(asked, down, options)).toMatchObject({
      applyable: false,
      errors: [{ code: 'UNREACHABLE' }],
      targeting: { unread: [] },
    });
  });

  test('leaves it incomplete where it reads a publication that changes', () => {
    const both = hub(
      ['orders', 'refunds'],
      ['one', 'two'].map((node) =>
        wantSubscription(node, 'hub', `sales_${node}`, { publications: ['sales'] }),
      ),
    );
    const target = ['hub/publication.sales'];
    expect(planned(both, without(applied, 'two'), { target }).errors).toHaveLength(1);
  });

  test('leaves it incomplete where it may read what is dropped', () => {
    const gone = { ...hub(['orders'], []), publications: [] };
    const target = ['hub/publication.sales'];
    const options = { prune: true, target };
    expect(planned(gone, without(applied, 'two'), options).errors).toHaveLength(1);
    expect(planned(gone, applied, options).errors).toEqual([]);
  });

  test('can be excluded, with all that needs it', () => {
    const plan = planned(asked, down, { exclude: ['two/node.two'] });
    expect(plan).toMatchObject({ applyable: true, errors: [], targeting: { unread: ['two'] } });
    expect(stepsOf(plan)).toContain('create-subscription one/subscription.sales');
  });
});

test.each([
  ['one/subscription.sales', []],
  ['one/subscription.*', []],
  ['hub/slot.staff', []],
  ['one/copy.sales:public.orders', []],
  ['one/metadata.steep_repl', []],
  ['one/subscription.sale', ['one/subscription.sale']],
  ['one/publication.sales', ['one/publication.sales']],
  ['nowhere/subscription.sales', ['nowhere/subscription.sales']],
])('%s names nothing: %j', (pattern, expected) => {
  const found = unknownPatterns([pattern], asked, untouched);
  expect(found.map((it) => it.pattern)).toEqual(expected);
});

test('of a node that could not be read, it is unknown what it has', () => {
  expect(unknownPatterns(['two/slot.x'], asked, without(untouched, 'two'))).toEqual([]);
});

test('a subscription that waits for its rows to be restored is not waited for with its publication', () => {
  const reader = wantSubscription('one', 'hub', 'sales', {
    publications: ['sales'],
    init: 'manual',
  });
  const byHand = hub(['orders'], [reader]);
  const plan = planned(byHand, untouched, { target: ['hub/publication.sales'] });
  expect(stepsOf(plan)).toContain('create-publication hub/publication.sales');
  expect(isAwaited(plan, reader)).toBe(true);
});
