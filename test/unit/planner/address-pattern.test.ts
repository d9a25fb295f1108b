// What an address with a `*` takes in.

import { expect, test } from 'vitest';
import { matchesAddress } from '../../../src/planner/address-pattern.ts';

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
  ['eu.west/slot.a*z', 'eu.west/slot.a-to-z', true],
])('%s and %s: %s', (pattern, address, expected) => {
  expect(matchesAddress(pattern, address)).toBe(expected);
});
