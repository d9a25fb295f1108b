// What UPDATE and DELETE send, where steep.yaml names an index as the replica identity.

import { expect, test } from 'vitest';
import { identityOf, missingIndex } from '../../../../src/planner/facts/identity-fault.ts';
import { nameOf, table } from '../../../support/worlds/worlds.ts';

const named = (index: string) => ({ table: nameOf('orders'), mode: 'index', index }) as const;
const known = { identityIndexes: { by_code: ['code'] } };
const dropped = { ...known, identityMode: 'index', keyColumns: null } as const;

test.each([
  ['that is there', 'by_code', table('orders', known), ['code']],
  ['that is the primary key', 'orders_pkey', table('orders', known), ['id']],
  ['that was dropped', 'former', table('orders', dropped), null],
  ['that is none of a table with a key', 'former', table('orders', known), null],
  ['of a table whose indexes are not known', 'former', table('orders'), []],
])('an index %s', (_what, index, orders, columns) => {
  expect(identityOf(orders, named(index))).toEqual({ full: false, columns });
  expect(missingIndex(orders, named(index)) === null).toBe(columns !== null);
});

test('what to do names the index and the table', () => {
  expect(missingIndex(table('orders', dropped), named('former'))?.cure).toContain(
    'CREATE UNIQUE INDEX former ON public.orders',
  );
});
