// A pair of which a direction cannot be altered: what is proven before it is re-created, and what is lost.

import { describe, expect, test } from 'vitest';
import type { DesiredState, LiveState } from '../../../src/model/state/state.ts';
import { comparePlans } from '../../../src/planner/plan/compare-plans.ts';
import { simulateStep, simulateSteps } from '../../support/plans/simulate.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  resourcesOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';

/** From us to eu. On 17 two_phase is indefinitely, on 18 it can be altered. */
const pair = (
  options: Readonly<Record<string, string>> = {},
  tables: readonly string[] = ['orders'],
): DesiredState => {
  const subscription = (node: string, from: string, way: 'forth' | 'back') =>
    wantSubscription(node, from, `pair_from_${from}`, {
      publications: [`pair_from_${from}`],
      options: { ...options, origin: 'none' },
      init: way === 'forth' ? 'native' : 'none',
      pair: { name: 'pair', way, partner: `pair_from_${node}` },
    });
  return desiredState(['us', 'eu'], {
    publications: ['us', 'eu'].map((node) =>
      wantPublication(node, `pair_from_${node}`, { tables: tables.map((name) => select(name)) }),
    ),
    subscriptions: [subscription('eu', 'us', 'forth'), subscription('us', 'eu', 'back')],
  });
};

const running = (majors: { readonly us: 17 | 18; readonly eu: 17 | 18 }): LiveState => {
  const servers = liveState(
    ...(['us', 'eu'] as const).map((node, index) =>
      nodeState(node, {
        tables: [table('orders'), table('refunds')],
        server: server({
          versionNumber: majors[node] === 17 ? 170010 : 180004,
          systemIdentifier: String(index),
        }),
      }),
    ),
  );
  return simulateSteps(servers, planOf(pair(), servers).steps);
};

const asked = pair({ two_phase: 'true' });

const withRows = (live: LiveState, node: string): LiveState => {
  const state = live.nodes[node];
  if (state === undefined) throw new Error(`there is no node ${node}`);
  const tables = state.tables.map((found) => ({ ...found, hasRows: true }));
  return { ...live, nodes: { ...live.nodes, [node]: { ...state, tables } } };
};

describe('where both directions are replaced', () => {
  const before = running({ us: 17, eu: 17 });
  const plan = planOf(asked, before);
  const ids = plan.steps.map(({ id }) => id);

  test('the second node is proven empty again, on a slot that is made after the old one went', () => {
    const order = [
      'drop-slot eu/slot.pair_from_eu',
      'create-slot eu/slot.pair_from_eu',
      'verify-empty eu/slot.pair_from_eu',
      'create-subscription eu/subscription.pair_from_us',
      'wait-for-copy eu/subscription.pair_from_us',
      'create-subscription us/subscription.pair_from_eu',
    ];
    expect(ids.filter((id) => order.includes(id))).toEqual(order);
    expect(Object.keys(plan.observed.hazards).join()).not.toContain('COPY_SKIPPED_GAP');
  });

  test('a run that stopped anywhere continues with the steps that were left', () => {
    let live = before;
    for (const step of plan.steps) {
      live = simulateStep(live, step);
      expect(comparePlans(plan, planOf(asked, live)).unexpected, step.id).toEqual([]);
    }
  });

  test('rows on the second node are a block, and no side is told to empty what is replicated', () => {
    const { applyable, changes } = planOf(asked, withRows(before, 'eu'));
    const remedy = changes
      .flatMap(({ hazards }) => hazards)
      .find(({ code }) => code === 'COPY_INTO_NONEMPTY')?.remedy;
    expect(applyable).toBe(false);
    expect(remedy).toContain('Do not empty them yet: pair_from_eu would empty node us too.');
  });
});

test('a way forth that was replaced before there is a way back is proven, too', () => {
  const full = running({ us: 17, eu: 17 });
  const us = full.nodes.us;
  if (us === undefined) throw new Error('there is no node us');
  const resources = us.resources.filter(({ name }) => !name.startsWith('pair_from_eu'));
  const live = { ...full, nodes: { ...full.nodes, us: { ...us, resources } } };
  expect(resourcesOf(live).map(({ address }) => address)).toContain('eu/slot.pair_from_eu');
  expect(planOf(asked, live).steps.map(({ id }) => id)).toContain(
    'verify-empty eu/slot.pair_from_eu',
  );
});

test('where only the way back is replaced, its slot goes, and the plan says what is lost', () => {
  const { steps, observed } = planOf(asked, running({ us: 17, eu: 18 }));
  const ids = steps.map(({ id }) => id);
  expect(ids).toContain('drop-slot eu/slot.pair_from_eu');
  expect(ids).not.toContain('verify-empty eu/slot.pair_from_eu');
  expect(Object.keys(observed.hazards)).toContain('COPY_SKIPPED_GAP us/subscription.pair_from_eu');
});

test('a way back that takes in a table is stopped once, for its other changes too', () => {
  const { steps } = planOf(
    pair({ two_phase: 'true' }, ['orders', 'refunds']),
    running({ us: 18, eu: 18 }),
  );
  const back = steps.filter(({ address }) => address === 'us/subscription.pair_from_eu');
  expect(back.map(({ kind }) => kind)).toEqual([
    'refresh-while-empty',
    'set-subscription-option',
    'enable-subscription',
  ]);
});

test('a way back that takes in a table of a renamed publication continues once', () => {
  const { publications, subscriptions, ...rest } = pair({}, ['orders', 'refunds']);
  const desired: DesiredState = {
    ...rest,
    publications: publications.map((pub) => (pub.node === 'eu' ? { ...pub, name: 'new' } : pub)),
    subscriptions: subscriptions.map((sub) =>
      sub.node === 'us' ? { ...sub, publications: ['new'] } : sub,
    ),
    renamed: [
      {
        node: 'eu',
        kind: 'publication',
        from: 'pair_from_eu',
        to: 'new',
        fromAddress: 'eu/publication.pair_from_eu',
        toAddress: 'eu/publication.new',
        source: 'steep.yaml:1',
      },
    ],
  };
  const { steps } = planOf(desired, running({ us: 18, eu: 18 }));
  const enabled = steps.filter(({ kind }) => kind === 'enable-subscription');
  expect(enabled.map(({ address }) => address)).toEqual(['us/subscription.pair_from_eu']);
});
