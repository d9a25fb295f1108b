// What --target and --exclude keep, take in and leave out, by example: a hub that two nodes read.

import { describe, expect, test } from 'vitest';
import type { Plan, PlanOptions } from '../../../../src/model/plan.ts';
import type { DesiredState, LiveState, NodeState } from '../../../../src/model/state.ts';
import { unknownPatterns } from '../../../../src/planner/target/named.ts';
import { carryOutSteps } from '../../../support/simulate.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../../support/worlds.ts';

const tables = [table('orders'), table('people'), table('refunds')];

const untouched = liveState(
  ...['hub', 'one', 'two'].map((node, index) =>
    nodeState(node, { tables, server: server({ systemIdentifier: String(index) }) }),
  ),
);

const hub = (
  sales: readonly string[],
  subscriptions: DesiredState['subscriptions'] = [
    wantSubscription('one', 'hub', 'sales', { publications: ['sales'] }),
    wantSubscription('two', 'hub', 'staff', { publications: ['staff'] }),
  ],
): DesiredState =>
  desiredState(['hub', 'one', 'two'], {
    publications: [
      wantPublication('hub', 'sales', { tables: sales.map((name) => select(name)) }),
      wantPublication('hub', 'staff', { tables: [select('people')] }),
    ],
    subscriptions,
  });

const asked = hub(['orders']);
const applied = carryOutSteps(untouched, planOf(asked, untouched).steps);

const stepsOf = ({ steps }: Plan): readonly string[] => steps.map(({ id }) => id);

const planned = (desired: DesiredState, live: LiveState, options: Partial<PlanOptions>): Plan =>
  planOf(desired, live, { prune: false, ...options });

const without = (live: LiveState, ...nodes: readonly string[]): LiveState => ({
  ...live,
  nodes: Object.fromEntries(Object.entries(live.nodes).filter(([node]) => !nodes.includes(node))),
  unreadable: Object.fromEntries(
    nodes.map((node) => [
      node,
      {
        severity: 'error' as const,
        code: 'UNREACHABLE',
        summary: '',
        detail: `${node} does not answer`,
        address: `${node}/node.${node}`,
      },
    ]),
  ),
});

const change = (live: LiveState, node: string, rest: Partial<NodeState>): LiveState => {
  const state = live.nodes[node];
  if (state === undefined) throw new Error(`there is no node ${node}`);
  return { ...live, nodes: { ...live.nodes, [node]: { ...state, ...rest } } };
};

describe('--target', () => {
  test('takes in the slot, the publication and the metadata of both nodes, and says why', () => {
    const plan = planned(asked, untouched, { target: ['one/subscription.sales'] });
    expect(plan.targeting?.takenIn).toEqual([
      { address: 'hub/metadata.steep_repl', neededBy: 'hub/publication.sales' },
      { address: 'hub/node.hub', neededBy: 'hub/metadata.steep_repl' },
      { address: 'hub/publication.sales', neededBy: 'one/subscription.sales' },
      { address: 'hub/slot.sales', neededBy: 'one/subscription.sales' },
      { address: 'one/metadata.steep_repl', neededBy: 'one/subscription.sales' },
      { address: 'one/node.one', neededBy: 'one/metadata.steep_repl' },
    ]);
    expect(plan.targeting?.leftOut.map(({ address }) => address)).toEqual([
      'hub/publication.staff',
      'hub/slot.staff',
      'two/metadata.steep_repl',
      'two/node.two',
      'two/subscription.staff',
    ]);
    expect(plan.summary).toMatchObject({ create: 7, copyTables: 1 });
  });

  test('of a publication that gets a table takes in the refresh of its reader', () => {
    const plan = planned(hub(['orders', 'refunds']), applied, {
      target: ['hub/publication.sales'],
    });
    expect(stepsOf(plan)).toEqual([
      'alter-publication hub/publication.sales',
      'refresh-subscription one/subscription.sales',
      'wait-for-copy one/subscription.sales',
    ]);
    expect(plan.targeting?.takenIn).toEqual([
      { address: 'one/subscription.sales', neededBy: 'hub/publication.sales' },
    ]);
  });

  test('of a new publication leaves out a subscription that does not exist yet', () => {
    const plan = planned(asked, untouched, { target: ['hub/publication.sales'] });
    expect(stepsOf(plan)).toContain('create-publication hub/publication.sales');
    expect(stepsOf(plan).join()).not.toContain('subscription');
  });

  test.each(['one/subscription.sales', 'hub/slot.sales', 'one/copy.sales:public.orders'])(
    'of %s is of the whole edge',
    (target) => {
      expect(stepsOf(planned(asked, untouched, { target: [target] }))).toEqual(
        expect.arrayContaining([
          'create-slot hub/slot.sales',
          'create-subscription one/subscription.sales',
          'wait-for-copy one/subscription.sales',
        ]),
      );
    },
  );

  test('of a dropped subscription takes its slot with it, and of a dropped slot its subscription', () => {
    const gone = hub(['orders'], []);
    for (const target of ['one/subscription.sales', 'hub/slot.sales']) {
      expect(stepsOf(planned(gone, applied, { prune: true, target: [target] }))).toEqual([
        'drop-subscription one/subscription.sales',
        'drop-slot hub/slot.sales',
      ]);
    }
  });

  test('of a replaced subscription is of all of the replacement', () => {
    const moved = hub(
      ['orders'],
      [wantSubscription('two', 'one', 'staff', { publications: ['other'] })],
    );
    const desired = {
      ...moved,
      publications: [
        ...moved.publications,
        wantPublication('one', 'other', { tables: [select('people')] }),
      ],
    };
    const whole = stepsOf(planned(desired, applied, {}));
    expect(whole).toContain('drop-slot hub/slot.staff');
    for (const target of ['two/subscription.staff', 'hub/slot.staff', 'one/slot.staff']) {
      expect(stepsOf(planned(desired, applied, { target: [target] }))).toEqual(whole);
    }
  });

  test('of what is as it should be plans nothing, and says what it left out', () => {
    const plan = planned(hub(['orders', 'refunds']), applied, {
      target: ['two/subscription.staff'],
    });
    expect(plan).toMatchObject({ steps: [], changes: [], applyable: true });
    expect(plan.targeting?.leftOut).toHaveLength(2);
  });
});

describe('--exclude', () => {
  test('leaves out what is named and what needs it, with the reason', () => {
    const plan = planned(asked, untouched, { exclude: ['hub/publication.sales'] });
    expect(plan.targeting?.leftOut).toEqual([
      { address: 'hub/publication.sales', needs: null },
      { address: 'hub/slot.sales', needs: 'hub/publication.sales' },
      { address: 'one/subscription.sales', needs: 'hub/publication.sales' },
    ]);
    expect(stepsOf(plan)).toContain('create-subscription two/subscription.staff');
  });

  test('of a node leaves out all that stands on it', () => {
    const plan = planned(asked, untouched, { exclude: ['two/node.two'] });
    expect(new Set(plan.steps.map(({ node }) => node))).toEqual(new Set(['hub', 'one']));
    expect(stepsOf(plan)).not.toContain('create-slot hub/slot.staff');
  });

  test('wins over --target', () => {
    const plan = planned(asked, untouched, {
      target: ['one/subscription.*', 'two/subscription.*'],
      exclude: ['two/subscription.staff'],
    });
    expect(stepsOf(plan)).toContain('create-subscription one/subscription.sales');
    expect(stepsOf(plan).join()).not.toContain('staff');
  });
});

describe('hazards', () => {
  const blocked = change(untouched, 'two', { tables: [table('orders')] });

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

  test('does not matter where nothing kept stands on it, and is named', () => {
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

  test('can be excluded, with all that stands on it', () => {
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

test('of a node that could not be read, nobody can tell what it has', () => {
  expect(unknownPatterns(['two/slot.x'], asked, without(untouched, 'two'))).toEqual([]);
});
