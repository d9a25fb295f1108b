// What a plan asks of limits that are reached already.

import { expect, test } from 'vitest';
import { found } from '../../../../support/plans/one-edge.ts';
import { simulateSteps } from '../../../../support/plans/simulate.ts';
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
} from '../../../../support/worlds/worlds.ts';

const file = (enabled: boolean) =>
  desiredState(['a', 'b'], {
    publications: [wantPublication('a', 'p', { tables: [select('orders')] })],
    subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'], enabled })],
  });

const node = (name: string, index: number, limits: readonly string[]) =>
  nodeState(name, {
    tables: [table('orders')],
    server: server({
      systemIdentifier: String(index),
      limits: limits.map((setting) => ({ setting, limit: 1, used: 1 })),
    }),
  });

const reenabled = (setting: string) => {
  const empty = liveState(node('a', 1, []), node('b', 2, []));
  const { nodes, ...live } = simulateSteps(empty, planOf(file(false), empty).steps);
  const [a, b] = [nodes.a, nodes.b].map((state) => state ?? nodeState('?'));
  const full = { ...b, server: node('b', 2, [setting]).server };
  return planOf(file(true), { ...live, nodes: { a, b: full } } as typeof empty);
};

test('a subscription that is enabled again has its replication origin already', () => {
  const plan = reenabled('max_active_replication_origins');
  expect(plan.steps.map(({ kind }) => kind)).toContain('enable-subscription');
  expect(found(plan, 'CAPACITY')).toEqual([]);
});

test('it needs a worker', () => {
  expect(found(reenabled('max_logical_replication_workers'), 'CAPACITY')).toHaveLength(1);
});
