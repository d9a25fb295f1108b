// Keys between code and files: there and back, and names that users chose are left alone.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCamelKeys, toSnakeKeys } from '../../../src/model/key-case.ts';

test.each([
  [
    { planId: 1, formatVersion: '1.0' },
    { plan_id: 1, format_version: '1.0' },
  ],
  [{ dropTables: [{ isIt: null }] }, { drop_tables: [{ is_it: null }] }],
  [
    { options: { two_phase: 'true', disable_on_error: 'a' } },
    { options: { two_phase: 'true', disable_on_error: 'a' } },
  ],
  [{ endpoints: { my_Node: 'x' } }, { endpoints: { my_Node: 'x' } }],
  [
    { slots: { 'b/subscription.my_sub': { lagBytes: 1 } } },
    { slots: { 'b/subscription.my_sub': { lag_bytes: 1 } } },
  ],
  [{ hazards: [{ codeName: 1 }] }, { hazards: [{ code_name: 1 }] }],
  [
    ['planId', 5, null, true],
    ['planId', 5, null, true],
  ],
])('%j', (code, file) => {
  expect(toSnakeKeys(code)).toEqual(file);
  expect(toCamelKeys(file)).toEqual(code);
});

const field = fc.stringMatching(/^[a-z]+([A-Z][a-z]+){0,2}$/);
const chosenByUsers = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__');

test('there and back is the same value', () => {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(field, tie('value')),
      fc.record({ options: fc.dictionary(chosenByUsers, tie('value')) }),
    ),
  }));
  fc.assert(
    fc.property(value, (given) => {
      expect(toCamelKeys(toSnakeKeys(given))).toEqual(given);
    }),
  );
});
