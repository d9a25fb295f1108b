// CHECKs that differ only in how PostgreSQL prints them, and keys that the publisher has too.

import { expect, test } from 'vitest';
import { demandsTheSame, isUniqueThere } from '../../../../src/planner/schema/same-demand.ts';

test.each([
  [
    // As created, and as restored from a dump.
    "CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
    "CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
    true,
  ],
  ['CHECK ((n > 0))', 'CHECK ((n > 0)) NOT VALID', true],
  ['CHECK ((n > 0))', 'CHECK ((n > 1))', false],
  ['CHECK (((a OR b) AND c))', 'CHECK ((a OR (b AND c)))', false],
  ["CHECK ((t <> '(a)'::text))", "CHECK ((t <> 'a'::text))", false],
  ["CHECK ((t <> 'x::y'::text))", "CHECK ((t <> 'x'::text))", false],
  ['CHECK ((lower(t) = t))', 'CHECK ((lowert = t))', false],
])('%s and %s: the same is %s', (a, b, expected) => {
  expect(demandsTheSame(a, b)).toBe(expected);
});

const key = (definition: string) => ({
  constraints: [{ name: 'k', kind: 'unique', definition } as const],
  indexes: [],
});

test.each([
  ['PRIMARY KEY (id)', 'UNIQUE (id)', true],
  ['UNIQUE (id, at)', 'PRIMARY KEY (id)', true],
  ['UNIQUE (id)', 'PRIMARY KEY (id, at)', false],
  ['UNIQUE (id)', 'UNIQUE (id) DEFERRABLE INITIALLY DEFERRED', false],
  ['UNIQUE NULLS NOT DISTINCT (id)', 'UNIQUE (id)', false],
  ['CREATE UNIQUE INDEX i ON public.t USING btree (id)', 'PRIMARY KEY (id)', true],
  ['CREATE UNIQUE INDEX i ON public.t USING btree (lower(t))', 'UNIQUE (t)', false],
])('%s on the subscriber, %s on the publisher: unique is %s', (own, published, expected) => {
  expect(isUniqueThere(own, key(published))).toBe(expected);
});

test('an index over some rows proves nothing; one over all does', () => {
  const index = (definition: string) => ({
    constraints: [],
    indexes: [{ name: 'i', definition, unique: true, valid: true }],
  });
  const all = 'CREATE UNIQUE INDEX i ON public.t USING btree (id)';
  expect(isUniqueThere('PRIMARY KEY (id)', index(all))).toBe(true);
  expect(isUniqueThere('PRIMARY KEY (id)', index(`${all} WHERE (n > 0)`))).toBe(false);
});
