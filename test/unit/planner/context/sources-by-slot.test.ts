// Where a subscription with a hidden connection reads from, as its slot tells.

import { expect, test } from 'vitest';
import type { Resource, ResourceOf } from '../../../../src/model/state/resource.ts';
import type { LiveState } from '../../../../src/model/state/state.ts';
import { withSourcesBySlot } from '../../../../src/planner/context/sources-by-slot.ts';
import {
  liveState,
  nodeState,
  resource,
  resourcesOf,
  server,
} from '../../../support/worlds/worlds.ts';

const slot = (node: string): Resource =>
  resource('slot', node, 'feed', {} as ResourceOf<'slot'>['spec']);

const subscription = (node: string, source: string | null): Resource =>
  resource('subscription', node, 'feed', {
    source,
    slot: 'feed',
  } as ResourceOf<'subscription'>['spec']);

const world = (
  resources: Readonly<Record<string, readonly Resource[]>>,
  connectionStrings = false,
): LiveState =>
  liveState(
    ...['a', 'b', 'c'].map((node) =>
      nodeState(node, {
        server: server({ role: { ...server().role, connectionStrings } }),
        resources: resources[node] ?? [],
      }),
    ),
  );

const sourceIn = (live: LiveState): string | null | undefined =>
  resourcesOf(withSourcesBySlot(live)).flatMap((one) =>
    one.kind === 'subscription' && one.node === 'c' ? [one.spec.source] : [],
  )[0];

test.each([
  ['one node has the slot', { a: [slot('a')] }, 'a'],
  ['no node has it', {}, null],
  ['two nodes have it', { a: [slot('a')], b: [slot('b')] }, null],
  ['only its own node has it', { c: [slot('c')] }, null],
  ['another subscription reads it', { a: [slot('a')], b: [subscription('b', 'a')] }, null],
])('%s', (_what, others, source) => {
  const { c = [], ...rest } = others as Readonly<Record<string, readonly Resource[]>>;
  expect(sourceIn(world({ ...rest, c: [...c, subscription('c', null)] }))).toBe(source);
});

test('a connection that the role may see, and that leads elsewhere, is not guessed', () => {
  expect(sourceIn(world({ a: [slot('a')], c: [subscription('c', null)] }, true))).toBeNull();
});
