// What an address with a `*` takes in.

import { expect, test } from 'vitest';
import { matchesAddress } from '../../../src/planner/address-pattern.ts';
import { reinitTables } from '../../../src/workflows/init/reinit-addresses.ts';

test.each([
  ['primary/publication.sales', 'primary/publication.sales', true],
  ['primary/publication.sales', 'primary/publication.sales_2', false],
  ['primary/publication.cdc_*', 'primary/publication.cdc_a', true],
  ['primary/publication.cdc_*', 'primary/publication.cdc_', true],
  ['primary/publication.*', 'primary/publication.odd\nname', true],
  ['primary/publication.*', 'primary/slot.a', false],
  ['primary/publication.*', 'other/publication.a', false],
  ['primary/slot.a.b', 'primary/slot.a.b', true],
  ['primary/slot.a.b', 'primary/slot.axb', false],
  ['n/copy.a:public."\\*"', 'n/copy.a:public."*"', true],
  ['n/copy.a:public."\\*"', 'n/copy.a:public."Orders"', false],
  ['n/copy.a:public."\\\\*"', 'n/copy.a:public."\\*"', true],
  ['eu.west/slot.a*z', 'eu.west/slot.a-to-z', true],
])('%s and %s: %s', (pattern, address, expected) => {
  expect(matchesAddress(pattern, address)).toBe(expected);
});

test('a table whose owner calls it * is re-initialized alone', () => {
  const wanted = { tables: ['public."*"'], schemas: null };
  const [pattern = ''] = reinitTables('n', 'feed', wanted) ?? [];
  expect(matchesAddress(pattern, 'n/copy.feed:public."*"')).toBe(true);
  expect(matchesAddress(pattern, 'n/copy.feed:public."Orders"')).toBe(false);
});
