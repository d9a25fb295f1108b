// A slot whose position is older than what its subscription reads: under which names it is tried, and what is planned.

import { describe, expect, test } from 'vitest';
import type { Applied } from '../../../../src/model/state/applied.ts';
import type { DesiredState, LiveState } from '../../../../src/model/state/state.ts';
import type { TooNew } from '../../../../src/model/state/too-new.ts';
import { formerLists } from '../../../../src/planner/too-new/former-lists.ts';
import { simulateSteps } from '../../../support/plans/simulate.ts';
import { put } from '../../../support/worlds/live-edit.ts';
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
} from '../../../support/worlds/worlds.ts';

const address = 'reporting/subscription.feed';

const file = (rest: Partial<DesiredState> = {}): DesiredState =>
  desiredState(['primary', 'reporting'], {
    publications: [wantPublication('primary', 'goods', { tables: [select('orders')] })],
    subscriptions: [
      wantSubscription('reporting', 'primary', 'feed', { publications: ['goods'], init: 'none' }),
    ],
    ...rest,
  });

/** All is there as steep.yaml has it. */
const applied = (major: number): LiveState => {
  const servers = liveState(
    ...['primary', 'reporting'].map((name, index) =>
      nodeState(name, {
        tables: [table('orders')],
        server: server({ systemIdentifier: String(index), versionNumber: major * 10_000 }),
      }),
    ),
  );
  return simulateSteps(servers, planOf(file(), servers).steps);
};

const found = (rest: Partial<TooNew> = {}): Pick<LiveState, 'tooNew'> => ({
  tooNew: {
    [address]: {
      source: 'primary',
      slot: 'feed',
      publications: ['goods'],
      tooNew: ['goods'],
      former: ['items'],
      certain: true,
      ...rest,
    },
  },
});

/** The subscription reads other publications now. */
const change = (live: LiveState, publications: readonly string[]): LiveState => {
  const sub = live.nodes.reporting?.resources.find((resource) => resource.address === address);
  if (sub?.kind !== 'subscription') throw new Error('No such subscription in steep.yaml.');
  return put(live, { ...sub, spec: { ...sub.spec, publications } });
};

const idsOf = (live: LiveState, desired = file()): readonly string[] =>
  planOf(desired, live).steps.map(({ id }) => id);

test('before 18 the lists follow each other, and the slot is moved between', () => {
  expect(idsOf({ ...applied(16), ...found() })).toEqual([
    `set-publications ${address} aside`,
    'advance-slot primary/slot.feed',
    `set-publications ${address}`,
  ]);
});

test('from 18 on both are read together', () => {
  const live = { ...applied(18), ...found({ former: ['goods', 'items'] }) };
  const { steps } = planOf(file(), live);
  expect(steps.map(({ id }) => id)).toEqual([
    `set-publications ${address} aside`,
    'wait-for-slot primary/slot.feed',
    `set-publications ${address}`,
  ]);
  expect(steps[0]).toMatchObject({ publications: ['goods', 'items'] });
});

test('an interrupted run of 18 still waits before it gives up the former name', () => {
  const live = applied(18);
  const halfway = change(live, ['goods', 'items']);
  const ids = [`set-publications ${address}`];
  expect(idsOf(halfway)).toEqual(ids);
  const { tooNew } = found({ former: ['goods', 'items'], certain: false });
  expect(idsOf({ ...halfway, ...(tooNew && { tooNew }) })).toEqual([
    'wait-for-slot primary/slot.feed',
    ...ids,
  ]);
});

test('without a former name the plan is blocked, and names the ways out', () => {
  const plan = planOf(file(), { ...applied(16), ...found({ former: null }) });
  expect(plan.steps).toEqual([]);
  expect(plan.applyable).toBe(false);
  const [hazard] = plan.standing.filter(({ code }) => code === 'PUBLICATION_TOO_NEW');
  expect(hazard).toMatchObject({ severity: 'block', address });
  expect(hazard?.remedy).toContain('primary/publication.FORMER_NAME');
  expect(hazard?.remedy).toContain(`--reinit ${address}`);
});

test('a subscription that is re-created is not blocked', () => {
  const live = { ...applied(16), ...found({ former: null }) };
  const plan = planOf(file(), live, { prune: false, reinit: [address] });
  expect(plan.standing.map(({ code }) => code)).not.toContain('PUBLICATION_TOO_NEW');
  expect(plan.steps.map(({ kind }) => kind)).toContain('create-subscription');
});

test('one that the file wants otherwise is to be read on as it is first', () => {
  const desired = file({
    publications: [
      wantPublication('primary', 'goods', { tables: [select('orders')] }),
      wantPublication('primary', 'more', { tables: [select('orders')] }),
    ],
    subscriptions: [
      wantSubscription('reporting', 'primary', 'feed', { publications: ['goods', 'more'] }),
    ],
  });
  const plan = planOf(desired, { ...applied(16), ...found() });
  expect(plan.applyable).toBe(false);
  const remedies = [...plan.standing, ...plan.changes.flatMap(({ hazards }) => hazards)].map(
    ({ remedy }) => remedy,
  );
  expect(remedies).toContainEqual(expect.stringContaining('feed has the publications goods'));
});

describe('the lists that are tried', () => {
  const listsOf = (live: LiveState, desired: DesiredState) => {
    const sub = live.nodes.reporting?.resources.find((resource) => resource.address === address);
    if (sub?.kind !== 'subscription') throw new Error('No such subscription in steep.yaml.');
    const failed = { sub, source: 'primary', publications: ['goods'], tooNew: ['goods'] };
    return formerLists(failed, desired, live);
  };

  const remembering = (live: LiveState, node: string, row: Applied): LiveState => {
    const state = live.nodes[node];
    if (state === undefined) throw new Error(`There is no node ${node}.`);
    return { ...live, nodes: { ...live.nodes, [node]: { ...state, applied: [row] } } };
  };

  const by = { runId: 'run', appliedAt: '2026-01-01T00:00:00Z', protect: false };

  test('none is known', () => {
    expect(listsOf(applied(16), file())).toEqual([]);
  });

  test('a managed publication that does not exist any more', () => {
    const live = remembering(applied(16), 'primary', {
      ...by,
      kind: 'publication',
      node: 'primary',
      name: 'items',
      address: 'primary/publication.items',
      spec: null,
    });
    expect(listsOf(live, file())).toEqual([{ publications: ['items'], declared: false }]);
  });

  test('the file', () => {
    const renaming = {
      node: 'primary',
      kind: 'publication' as const,
      from: 'items',
      to: 'goods',
      fromAddress: 'primary/publication.items',
      toAddress: 'primary/publication.goods',
      source: 'steep.yaml:1',
    };
    expect(listsOf(applied(16), file({ renamed: [renaming] }))).toEqual([
      { publications: ['items'], declared: true },
    ]);
  });
});
