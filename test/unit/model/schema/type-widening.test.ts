// Which types hold every value of another, as text.

import { expect, test } from 'vitest';
import { isWidening } from '../../../../src/model/schema/type-widening.ts';

test.each([
  ['integer', 'bigint', true],
  ['bigint', 'integer', false],
  ['bigint', 'double precision', false],
  ['integer', 'real', false],
  ['numeric(10,2)', 'numeric', true],
  ['numeric', 'numeric(10,2)', false],
  ['numeric(10,2)', 'numeric(12,4)', true],
  ['numeric(10,2)', 'numeric(11,4)', false],
  ['numeric(10,2)', 'numeric(12)', false],
  ['numeric(3,-2)', 'numeric(5,0)', true],
  ['character varying(5)', 'character varying(5)', true],
  ['character varying(5)', 'character varying(6)', true],
  ['character varying(6)', 'character varying(5)', false],
  ['character varying', 'character varying(5)', false],
  ['character varying(5)', 'text', true],
  ['text', 'character varying', true],
  ['jsonb', 'text', true],
  ['numeric(5,1)[]', 'numeric(6,1)[]', true],
  ['public.mood', 'public.feeling', false],
] as const)('%s to %s: %s', (from, to, expected) => {
  expect(isWidening(from, to)).toBe(expected);
});
