// Rows of ownership are JSON that anybody could have written: what has not the shape of its kind is no base.

import { expect, test } from 'vitest';
import { appliedObjects } from '../../../../src/catalog/metadata/applied.ts';
import { by, feedSpec, salesSpec } from '../../../support/plans/drifts.ts';

const specOf = (address: string, applied: unknown) =>
  appliedObjects('n', new Map([[address, { applied, protect: false, ...by }]]))[0]?.spec;

test('reads each kind; the hash of a connection stays behind', () => {
  expect(specOf('n/publication.p', { ...salesSpec, filters: {} })).toMatchObject(salesSpec);
  expect(specOf('n/slot.s', { plugin: 'pgoutput', database: 'app' })).toEqual({
    plugin: 'pgoutput',
    database: 'app',
  });
  const connection = { salt: 'pepper', hash: 'abc' };
  const subscription = specOf('n/subscription.a.b', { ...feedSpec, connection });
  expect(subscription).toEqual(feedSpec);
  expect(JSON.stringify(subscription)).not.toContain('pepper');
});

test.each([
  ['n/publication.p', null],
  ['n/publication.p', { ...salesSpec, publish: ['paint'] }],
  ['n/publication.p', { ...salesSpec, tables: [{ table: 'orders' }] }],
  ['n/slot.s', { plugin: 1 }],
  ['n/slot.s', []],
  ['n/subscription.s', { ...feedSpec, options: { binary: true } }],
  ['n/subscription.s', { ...feedSpec, slot: undefined }],
])('%s: %j is no base', (address, applied) => {
  expect(specOf(address, applied)).toBeNull();
});

test('other nodes and kinds are left out', () => {
  expect(specOf('other/slot.s', {})).toBeUndefined();
  expect(specOf('n/identity.public.orders', {})).toBeUndefined();
});

test.each(['aliasFor', 'standsInFor'])(
  '%s names the publication that an alias belongs to',
  (key) => {
    const row = { applied: { ...salesSpec, [key]: 'p' }, protect: false, ...by };
    expect(appliedObjects('n', new Map([['n/publication.old', row]]))).toMatchObject([
      { name: 'old', aliasFor: 'p' },
    ]);
  },
);
