// plan --destroy: metadata that serves several nodes goes once, with the last of them, or stays with others.

import { expect, test } from 'vitest';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  resource,
  server,
} from '../../support/worlds/worlds.ts';

const node = (name: string, alsoServes: readonly string[], database: string) =>
  nodeState(name, {
    server: server({ metadataVersion: 1, metadataDatabase: database }),
    resources: [
      resource('metadata', name, 'steep_repl', { version: 1 }, { observed: { alsoServes } }),
      resource('node', name, name, { priority: 50 }),
    ],
  });

const idsOf = (...nodes: readonly ReturnType<typeof node>[]): readonly string[] =>
  planOf(desiredState(nodes.map((state) => state.node)), liveState(...nodes), {
    prune: false,
    destroy: true,
  }).steps.map(({ id }) => id);

test('each node drops its own, when all else is done', () => {
  expect(idsOf(node('a', [], 'one'), node('b', [], 'two'))).toEqual([
    'unregister-node a/node.a',
    'unregister-node b/node.b',
    'drop-metadata a/metadata.steep_repl',
    'drop-metadata b/metadata.steep_repl',
  ]);
});

test('one schema for two nodes is dropped once', () => {
  expect(idsOf(node('a', ['b'], 'one'), node('b', ['a'], 'one'))).toEqual([
    'unregister-node a/node.a',
    'unregister-node b/node.b',
    'drop-metadata b/metadata.steep_repl',
  ]);
});

test('one schema that serves a node of another file stays', () => {
  expect(idsOf(node('a', ['elsewhere'], 'one'))).toEqual(['unregister-node a/node.a']);
});
