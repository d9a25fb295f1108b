// init.method two_phase: what it needs, what it does not look at, and where a relative location leads.

import { expect, test } from 'vitest';
import { brief, load, twoNodes, unmark } from './marked-file.ts';

const subscribed = (init: string, defaults = '{}'): string =>
  `${twoNodes}defaults: { init: ${defaults} }
publications:
  from_us: { node: us, tables: [t] }
subscriptions:
  s: { node: eu, source: us, publications: [from_us], init: ${init} }
`;

test.each([
  ['of its own', subscribed('{ method: ⟦two_phase⟧ }')],
  ['by default', subscribed('{}', '{ method: ⟦two_phase⟧ }')],
])('two_phase %s needs to be told where the files are', (_, marked) => {
  const { text, place } = unmark(marked);
  const { topology, diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([{ severity: 'error', code: 'MISSING_KEY', ...place }]);
  expect(topology).toBeNull();
});

test.each([
  ['a snapshot that is copied from the source', subscribed('{ ⟦snapshot⟧: dir }')],
  ['a snapshot by default', `${twoNodes}defaults: { init: { method: none, ⟦snapshot⟧: dir } }\n`],
  ['who copies files', subscribed('{ method: two_phase, snapshot: dir, ⟦copy⟧: native }')],
])('%s has no effect', (_, marked) => {
  const { text, place } = unmark(marked);
  const { diagnostics } = load(text);
  expect(diagnostics.map(brief)).toEqual([{ severity: 'warning', code: 'NO_EFFECT', ...place }]);
});

test.each([
  ['{ method: two_phase, snapshot: ./files/../snap }', '{}', 'snap'],
  ['{ method: two_phase }', '{ snapshot: snap }', 'snap'],
  ['{}', '{ method: two_phase, snapshot: /mnt/snap }', '/mnt/snap'],
  ['{ method: two_phase, snapshot: "s3://bucket/snap" }', '{}', 's3://bucket/snap'],
  ['{ method: snapshot }', '{ method: two_phase, snapshot: snap }', undefined],
])('%s over %s: %s', (init, defaults, snapshot) => {
  const { topology, diagnostics } = load(subscribed(init, defaults));
  expect(diagnostics).toEqual([]);
  const [sub] = topology?.desired.subscriptions ?? [];
  expect(sub?.snapshot).toBe(snapshot);
  expect(sub?.init).toBe(snapshot === undefined ? 'parallel' : 'two_phase');
});
