// The topology of a plan: the file's, and the subscriptions that the plan drops or leaves behind.

import { expect, test } from 'vitest';
import { planGraph } from '../../../../src/model/plan/plan-graph.ts';
import { change } from '../../../support/plans/plans.ts';
import {
  desiredState,
  liveState,
  nodeState,
  resource,
  wantSubscription,
} from '../../../support/worlds/worlds.ts';

const subscription = (name: string, source: string | null) =>
  resource('subscription', 'b', name, {
    source,
    publications: ['p'],
    slot: name,
    enabled: true,
    connection: 'current',
    options: {},
  });

const live = liveState(
  nodeState('a'),
  nodeState('b', {
    resources: [
      subscription('wanted', 'a'),
      subscription('old', 'a'),
      subscription('left', 'gone'),
      subscription('not_ours', 'a'),
    ],
  }),
);

test('holds what leaves it too, and nothing that is none of steep’s business', () => {
  const desired = desiredState(['a', 'b'], {
    subscriptions: [wantSubscription('b', 'a', 'wanted')],
  });
  const changes = [
    change('b/subscription.old', 'drop'),
    change('b/subscription.left', 'left'),
    change('b/subscription.wanted', 'change'),
  ];
  const { edges } = planGraph(desired, live, { changes });
  expect(
    edges.map(({ subscription: name, from, to, file }) => [name, from, to, file !== null]),
  ).toEqual([
    ['wanted', 'a', 'b', true],
    ['old', 'a', 'b', false],
    ['left', null, 'b', false],
  ]);
});
