// What forbids to initialize tables again, and what happens to a whole subscription, or to a copy that is cancelled.

import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { SlotObserved } from '../../../src/model/state/resource.ts';
import type { DesiredState, LiveState, NodeState } from '../../../src/model/state/state.ts';
import { comparePlans } from '../../../src/planner/plan/compare-plans.ts';
import { simulateStep, simulateSteps } from '../../support/plans/simulate.ts';
import {
  again,
  blocksOf,
  file,
  ids,
  orders,
  publications,
  running,
  tables,
} from '../../support/worlds/running-edges.ts';
import { planOf, select, wantPublication, wantSubscription } from '../../support/worlds/worlds.ts';

describe('what forbids it', () => {
  const planFor = (desired: DesiredState, live = running): Plan =>
    planOf(desired, live, again(orders));

  test('a foreign key of a table that is not emptied', () => {
    const references = [
      {
        table: { schema: 'public', name: 'refunds' },
        to: tables[1]?.name,
        foreignKey: 'checks',
        constraints: ['refunds_order_fkey'],
      },
    ];
    const state = { ...running.nodes.reporting, references } as (typeof running.nodes)[string];
    const live = { ...running, nodes: { ...running.nodes, reporting: state } };
    // What the same subscription fills is copied again with it.
    const plan = planFor(file(), live);
    expect(blocksOf(plan)).toEqual([]);
    expect(plan.reinit?.map(({ address }) => address)).toContain(
      'reporting/copy.feed:public.refunds',
    );
    const cureOf = ({ changes }: Plan) =>
      changes.flatMap(({ hazards }) => hazards).find(({ code }) => code === 'TARGET_REFERENCED')
        ?.remedy;
    const others = [{ ...references[0], table: { schema: 'public', name: 'notes' } }];
    const unsent = { ...state, references: others } as (typeof running.nodes)[string];
    const found = planFor(file(), { ...running, nodes: { ...running.nodes, reporting: unsent } });
    expect(blocksOf(found)).toEqual(['TARGET_REFERENCED']);
    expect(cureOf(found)).toContain(
      'drop the foreign keys of public.notes, which feed does not fill',
    );
    expect(cureOf(found)).toContain('ALTER TABLE public.notes DROP CONSTRAINT refunds_order_fkey;');
    const both = again([...orders, 'reporting/copy.feed:public.refunds']);
    expect(blocksOf(planOf(file(), live, both))).toEqual([]);
  });

  test('a node that sends the table on', () => {
    const onward = file({
      publications: [
        ...publications,
        wantPublication('reporting', 'on', { tables: [select('orders')] }),
      ],
      subscriptions: [
        ...file().subscriptions,
        wantSubscription('archive', 'reporting', 'second', { publications: ['on'], init: 'none' }),
      ],
    });
    const live = simulateSteps(running, planOf(onward, running).steps);
    expect(blocksOf(planFor(onward, live))).toEqual(['TARGET_SENT_ON']);
  });

  test.each([
    ['another change of the subscription', { publications: ['sales'] }],
    ['init: none', { init: 'none' as const }],
  ])('%s', (_name, rest) => {
    const [feed, store] = file().subscriptions;
    const subscriptions = [{ ...feed, ...rest }, store] as DesiredState['subscriptions'];
    expect(blocksOf(planFor(file({ subscriptions })))).toContain('REINIT_BLOCKED');
  });

  const changed = (node: string, part: (state: NodeState) => Partial<NodeState>): LiveState => {
    const state = running.nodes[node] as NodeState;
    return { ...running, nodes: { ...running.nodes, [node]: { ...state, ...part(state) } } };
  };

  test('a slot that is ahead of the WAL of a publisher that was set back', () => {
    const live = changed('primary', ({ resources }) => ({
      resources: resources.map((it) =>
        it.kind === 'slot' && it.name === 'feed'
          ? { ...it, observed: { ...it.observed, lagBytes: -8 } as SlotObserved }
          : it,
      ),
    }));
    const plan = planFor(file(), live);
    expect(blocksOf(plan)).toContain('REINIT_BLOCKED');
    expect(JSON.stringify(plan)).toContain('steep apply --reinit reporting/subscription.feed');
    const all = again(['reporting/copy.feed:public.*']);
    expect(blocksOf(planOf(file(), live, all))).toContain('REINIT_BLOCKED');
  });

  const replaced = 'steep apply --reinit reporting/copy.feed:public.orders';

  test.each([
    ['the slot was lost: changes are lost, and a new initial copy is needed.', true],
    [null, true],
    [`public.orders is another table. ${replaced}`, false],
    [`public.orders is another table. ${replaced} And more. ${replaced}_2`, true],
    [`A slot. steep apply --reinit reporting/subscription.feed public.orders. ${replaced}`, true],
  ])('changes that tables lack which are not asked for: %s', (error, isBlocked) => {
    const diverged = changed('reporting', () => ({
      lostChanges: [{ subscription: 'feed', error }],
    }));
    const gap = { kind: 'table', table: { schema: 'public', name: 'orders' } } as const;
    const live = { ...diverged, edgeGaps: { 'reporting/subscription.feed': [gap] } };
    expect(blocksOf(planFor(file(), live)).includes('REINIT_BLOCKED')).toBe(isBlocked);
    const all = again(['reporting/copy.feed:public.*']);
    expect(blocksOf(planOf(file(), live, all))).toEqual([]);
  });

  test('a change of a publication', () => {
    const others = publications.map((it) => ({ ...it, publish: ['insert' as const] }));
    expect(blocksOf(planFor(file({ publications: others })))).toContain('REINIT_BLOCKED');
  });
});

describe('a whole subscription', () => {
  const feed = again(['reporting/subscription.feed']);

  test('is dropped with its slot, and re-created after its tables are emptied', () => {
    const plan = planOf(file(), running, feed);
    expect(ids(plan)).toEqual([
      'try-subscription reporting/subscription.feed',
      'disable-subscription reporting/subscription.feed',
      'drop-slot primary/slot.feed',
      'drop-subscription reporting/subscription.feed',
      'create-slot primary/slot.feed',
      'truncate-tables reporting/subscription.feed',
      'create-subscription reporting/subscription.feed',
      'wait-for-copy reporting/subscription.feed',
    ]);
    expect(ids(planOf(file(), simulateSteps(running, plan.steps)))).toEqual([]);
  });

  test('continues after an interruption', () => {
    const whole = planOf(file(), running, feed);
    let live = running;
    for (const step of whole.steps) {
      live = simulateStep(live, step);
      const rest = planOf(file(), live, feed, [], whole.reinit);
      expect(comparePlans(whole, rest).unexpected, step.id).toEqual([]);
      expect(ids(planOf(file(), simulateSteps(live, rest.steps))), step.id).toEqual([]);
    }
  });

  test('is not started again while its copy is under way', () => {
    const state = {
      ...running.nodes.reporting,
      copiesUnderWay: [{ subscription: 'feed', method: 'native' as const }],
    };
    const nodes = { ...running.nodes, reporting: state as (typeof running.nodes)[string] };
    const plan = planOf(file(), { ...running, nodes }, feed);
    expect(ids(plan)).toEqual(['wait-for-copy reporting/subscription.feed']);
  });
});

describe('a copy that is cancelled', () => {
  const cancel = {
    prune: false,
    cancel: ['reporting/subscription.feed'],
    target: ['reporting/subscription.feed'],
  };

  const withState = (live: LiveState, part: Partial<NodeState>): LiveState => {
    const state = { ...live.nodes.reporting, ...part } as NodeState;
    return { ...live, nodes: { ...live.nodes, reporting: state } };
  };

  test('by PostgreSQL loses its subscription and its slot, whichever step was the last', () => {
    const copying = withState(running, {
      copiesUnderWay: [{ subscription: 'feed', method: 'native' as const }],
    });
    const plan = planOf(file(), copying, cancel);
    expect(ids(plan)).toEqual([
      'disable-subscription reporting/subscription.feed',
      'drop-slot primary/slot.feed',
      'drop-subscription reporting/subscription.feed',
    ]);
    plan.steps.forEach((step, index) => {
      const live = simulateSteps(copying, plan.steps.slice(0, index + 1));
      expect(ids(planOf(file(), live, cancel)), step.id).toEqual(ids(plan).slice(index + 1));
    });
    expect(plan.observed.hazards['COPY_CANCELLED reporting/subscription.feed']).toContain(
      'stay in',
    );
  });

  test('by steep is undone, with the slot that was made for it', () => {
    const whole = planOf(file(), running, again(['reporting/subscription.feed']));
    const gone = simulateSteps(
      running,
      whole.steps.filter(({ kind }) =>
        ['disable-subscription', 'drop-subscription'].includes(kind),
      ),
    );
    const copy = {
      subscription: 'feed',
      slot: 'feed',
      publicationsDigest: '',
      finished: [],
      filled: [],
    };
    const plan = planOf(file(), withState(gone, { unfinishedCopies: [copy] }), cancel);
    expect(ids(plan)).toEqual([
      'drop-slot primary/slot.feed',
      'undo-copy reporting/subscription.feed',
    ]);
  });

  test('by steep, and followed already, is undone with all of its rows', () => {
    const method = 'parallel' as const;
    const following = withState(running, { copiesUnderWay: [{ subscription: 'feed', method }] });
    expect(ids(planOf(file(), following, cancel))).toEqual([
      'disable-subscription reporting/subscription.feed',
      'drop-slot primary/slot.feed',
      'truncate-tables reporting/subscription.feed',
      'undo-copy reporting/subscription.feed',
      'drop-subscription reporting/subscription.feed',
    ]);
  });

  test('and is none is left alone', () => {
    expect(ids(planOf(file(), running, cancel))).toEqual([]);
  });

  test('is not, where tables are initialized again', () => {
    const { steps } = planOf(file(), running, again(orders));
    const live = simulateSteps(running, steps.slice(0, 5));
    const plan = planOf(
      file(),
      withState(live, { copiesUnderWay: [{ subscription: 'feed', method: 'native' as const }] }),
      cancel,
    );
    expect(blocksOf(plan)).toEqual(['CANCEL_BLOCKED']);
  });
});
