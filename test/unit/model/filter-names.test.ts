// Names of a row filter that can mean something of a user, however they are written.

import { describe, expect, test } from 'vitest';
import { foreignName } from '../../../src/model/filter-names.ts';

const table = { schema: 'app', name: 't' };
const columns = ['k', 'w', 'u', 'Odd "n"', 'e'];
const found = (filter: string): string | null => foreignName(filter, table, columns);

describe('columns of the table and what is built in', () => {
  test.each([
    'k > 3 AND t.k < 5 OR app.t.w IS NULL',
    "w = 'app.d' -- app.d\n",
    "pg_catalog.lower(w) = 'x'::pg_catalog.text AND w::text <> ''",
    "w OPERATOR(pg_catalog.=) 'x'",
    `t."Odd ""n""" IS NOT NULL`,
    'k = 1.5 AND u & 3 = 1 AND k < 1e5',
    "extract(year FROM t.w::date) = 2026 AND w = $x$ app.d $x$ AND w = E'\\' app.d'",
    "w = U&'\\0061'",
    'CASE WHEN t.k IS DISTINCT FROM t.u THEN true END',
  ])('%s', (filter) => {
    expect(found(filter)).toBeNull();
  });
});

describe('what may belong to a user', () => {
  test.each([
    ["w = '{x}'::app.d[]", 'app.d'],
    ["app.d '{x}' = w", 'app.d'],
    ['app . lower (w)', 'app.lower'],
    ["w = '(1)' :: /* ' */ app.t", 'app.t'],
    ["cast('x' AS t.k) = 1", 't.k'],
    ["t.k('x')", 't.k'],
    ["t = '(1,x)'", 't'],
    ['T IS NULL', 't'],
    ["t.* = '(1,x)'", 't.*'],
    ['x.app.t.k = 1', 'x.app.t.k'],
    ['w COLLATE app."C" > w', 'app.C'],
    ["k operator ( app.+ ) '{x}'", 'operator'],
    [`w = '{x}'::"app".d`, 'app.d'],
    [`w = '{x}'::U&"\\0061pp".d`, 'u'],
    // Where a scanner that knows less would lose its place.
    ["w = 'a' /* /* */ ' */ AND w = '{x}'::app.d --'\n", 'app.d'],
    ["w = 'a' -- \r AND w = '{x}'::app.d --\n", 'app.d'],
    ["k > ×$a$ AND w = '{x}'::app.d AND w = ×$a$", 'app.d'],
  ])('%s', (filter, name) => {
    expect(found(filter)).toBe(name);
  });

  test('a column of the name of the table is a column', () => {
    expect(foreignName('t > 3', table, ['t'])).toBeNull();
  });
});
