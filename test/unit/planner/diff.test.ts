// What counts as a difference. The differ knows no kinds, so slots are used as the example.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resource } from '../../../src/model/state/resource.ts';
import { diff } from '../../../src/planner/diff.ts';
import { anyTransition, tamper, untouchedServers } from '../../support/plans/generate.ts';
import { simulateSteps } from '../../support/plans/simulate.ts';
import { planOf, resource, resourcesOf } from '../../support/worlds/worlds.ts';

const slot = (name: string, rest: Partial<Resource> = {}): Resource => ({
  ...resource('slot', 'a', name, { plugin: 'pgoutput', database: 'app' }),
  ...(rest as object),
});

test('nothing differs from itself, in whatever order', () => {
  fc.assert(
    fc.property(anyTransition, ({ versions, before, deeds }) => {
      const servers = untouchedServers(versions);
      const live = tamper(simulateSteps(servers, planOf(before, servers).steps), deeds);
      const resources = resourcesOf(live);
      expect(diff(resources, resources.toReversed())).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test.each<[string, Resource, Resource, readonly string[]]>([
  [
    'a field of the spec',
    slot('s', { spec: { plugin: 'wal2json', database: 'app' } }),
    slot('s'),
    ['plugin'],
  ],
  [
    'two fields, sorted',
    slot('s', { spec: { plugin: 'x', database: 'y' } }),
    slot('s'),
    ['database', 'plugin'],
  ],
  ['ownership', slot('s', { owned: false }), slot('s'), ['owned']],
  ['protection', slot('s', { protect: true }), slot('s'), ['protect']],
])('%s changes', (_what, live, desired, fields) => {
  expect(diff([desired], [live])).toEqual([{ verb: 'change', live, desired, fields }]);
});

test('what is observed is no difference', () => {
  const observed = { oid: 5, syncState: 'r' } as unknown as Resource['observed'];
  expect(diff([slot('s')], [{ ...slot('s'), observed } as Resource])).toEqual([]);
});

test('differences come by address; unmanaged objects are never one', () => {
  const deltas = diff([slot('d'), slot('b')], [slot('c'), slot('a', { owned: false })]);
  expect(deltas).toEqual([
    { verb: 'add', desired: slot('b') },
    { verb: 'remove', live: slot('c') },
    { verb: 'add', desired: slot('d') },
  ]);
});
