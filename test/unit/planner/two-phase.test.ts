// A new subscription on a snapshot from storage: its steps, and how they continue after an interruption.

import { describe, expect, test } from 'vitest';
import type { DesiredState, LiveState } from '../../../src/model/state/state.ts';
import { comparePlans } from '../../../src/planner/plan/compare-plans.ts';
import { simulateSteps } from '../../support/plans/simulate.ts';
import { withLoaded } from '../../support/plans/simulate-copy.ts';
import { asked, feed, lsn, names, servers, slot } from '../../support/worlds/loading-world.ts';
import { nameOf, planOf } from '../../support/worlds/worlds.ts';

const idsOf = (live: LiveState, desired: DesiredState = asked()): readonly string[] =>
  planOf(desired, live)
    .steps.map(({ id }) => id)
    .filter((id) => id.includes('feed'));

const inFull = [
  `try-subscription ${feed}`,
  `create-slot ${slot}`,
  `load-snapshot ${feed}`,
  `create-subscription ${feed}`,
];

test('the slot is a copy of that of the snapshot, and the rows come before the subscription', () => {
  const plan = planOf(asked({ options: { failover: 'true' } }), servers());
  expect(plan.applyable).toBe(true);
  expect(plan.steps.map(({ id }) => id).filter((id) => id.includes('feed'))).toEqual(inFull);
  const [made] = plan.steps.filter(({ kind }) => kind === 'create-slot');
  expect(made).toMatchObject({
    snapshotFor: null,
    copiedFrom: {
      slot: 'anchor',
      lsn,
      snapshotId: 'one',
      node: 'us',
      subscription: 'feed',
    },
    failover: true,
  });
  const [load] = plan.steps.filter(({ kind }) => kind === 'load-snapshot');
  expect(load).toMatchObject({
    subscription: { name: 'feed', source: 'eu', slot: 'feed', lsn },
    location: 'snap',
    rows: 2000,
    bytes: 16_384,
  });
  const [created] = plan.steps.filter(({ kind }) => kind === 'create-subscription');
  expect(created).toMatchObject({ copyData: false, copied: null });
});

test('the size of the snapshot is the estimate', () => {
  expect(planOf(asked(), servers()).observed.estimate).toMatchObject({ rows: 2000, bytes: 16_384 });
});

describe('a saved plan continues', () => {
  const saved = planOf(asked(), servers());
  const upTo = (kind: string): LiveState => {
    const last = saved.steps.findIndex((step) => step.kind === kind);
    return simulateSteps(servers(), saved.steps.slice(0, last + 1));
  };

  test.each([
    ['create-slot', inFull.filter((id) => !id.startsWith('create-slot'))],
    ['load-snapshot', inFull.filter((id) => !id.startsWith('create-slot'))],
    ['create-subscription', []],
  ])('after %s', (kind, left) => {
    const live = upTo(kind);
    const fresh = planOf(asked(), live);
    expect(fresh.steps.map(({ id }) => id).filter((id) => id.includes('feed'))).toEqual(left);
    expect(comparePlans(saved, fresh).unexpected).toEqual([]);
  });

  test('where the slot was made, and its ownership was not written', () => {
    const live = upTo('create-slot');
    const { eu } = live.nodes;
    if (eu === undefined) throw new Error('no node');
    const resources = eu.resources.map((it) =>
      it.address === slot ? { ...it, owned: false } : it,
    );
    const fresh = planOf(asked(), { ...live, nodes: { ...live.nodes, eu: { ...eu, resources } } });
    expect(fresh.applyable).toBe(true);
    expect(comparePlans(saved, fresh).unexpected).toEqual([]);
  });
});

describe('rows that are there already', () => {
  test('of the same snapshot, they stay', () => {
    const live = withLoaded(servers({ hasRows: true }), 'us', 'one', names.map(nameOf));
    expect(planOf(asked(), live).applyable).toBe(true);
    const forced = planOf(asked(), live, { prune: false, force: true });
    expect(forced.steps.map(({ kind }) => kind)).not.toContain('truncate-tables');
  });

  test('of another owner, they forbid it', () => {
    const live = withLoaded(servers({ hasRows: true }), 'us', 'other', names.map(nameOf));
    const plan = planOf(asked(), live);
    expect(plan.applyable).toBe(false);
    expect(Object.keys(plan.observed.hazards)).toContain(`COPY_INTO_NONEMPTY ${feed}`);
    const forced = planOf(asked(), live, { prune: false, force: true });
    expect(forced.applyable).toBe(true);
    expect(forced.steps.map(({ id }) => id)).toContain(`truncate-tables ${feed}`);
  });

  test('of an interrupted copy of another kind, they are rolled back with its slot', () => {
    const parallel = asked({ init: 'parallel' });
    const { steps } = planOf(parallel, servers());
    const last = steps.findIndex(({ kind }) => kind === 'create-slot');
    const live = simulateSteps(servers(), steps.slice(0, last + 1));
    expect(planOf(asked(), live).applyable).toBe(true);
    expect(idsOf(live)).toEqual([
      `try-subscription ${feed}`,
      `undo-copy ${feed}`,
      `drop-slot ${slot}`,
      `create-slot ${slot}`,
      `load-snapshot ${feed}`,
      `create-subscription ${feed}`,
    ]);
  });

  test('another method rolls back what was loaded', () => {
    const { steps } = planOf(asked(), servers());
    const last = steps.findIndex(({ kind }) => kind === 'load-snapshot');
    const live = simulateSteps(servers(), steps.slice(0, last + 1));
    const plan = planOf(asked({ init: 'parallel' }), live);
    expect(plan.steps.filter(({ kind }) => kind === 'undo-copy')).toMatchObject([
      { checkpointsKey: 'snapshot one' },
    ]);
    const cancel = planOf(asked(), live, { prune: false, target: [feed], cancel: [feed] });
    expect(cancel.steps.map(({ id }) => id)).toEqual([`drop-slot ${slot}`, `undo-copy ${feed}`]);
    expect(cancel.steps.at(-1)).toMatchObject({ checkpointsKey: 'snapshot one', ends: true });
  });
});
