// SQL in characters that print says the same.

import { expect, test } from 'vitest';
import { printableSql } from '../../../../src/postgres/sql/printable-sql.ts';

test.each([
  ['SELECT 1,\n\t2', 'SELECT 1,\n\t2'],
  ['DROP TABLE "a\nb"', 'DROP TABLE U&"a\\000Ab"'],
  ['DROP TABLE "a""\\\u202e"', 'DROP TABLE U&"a""\\\\\\202E"'],
  ["SELECT 'a\nb''\\'", "SELECT E'a\\nb''\\\\'"],
  ["SELECT E'\\n\n\u0085'", "SELECT E'\\n\\n\\u0085'"],
  ["SELECT date'2020\n'", "SELECT date E'2020\\n'"],
  ["SELECT the'x\n'", "SELECT the E'x\\n'"],
  ['DO $a$ "x\n" $a$', 'DO $a$ "x\n" $a$'],
  ["-- it's \u202e\nSELECT '\n'", "-- it's \\u202e\nSELECT E'\\n'"],
  ['SELECT U&"a\\000Ab"', 'SELECT U&"a\\000Ab"'],
  ['SELECT "x##[y]"', 'SELECT U&"x#\\0023[y]"'],
  ['SELECT a$b$, "\n", c$b$', 'SELECT a$b$, U&"\\000A", c$b$'],
  ['SELECT 1 /* a\n/* \u001b */ \' */ "\n"', 'SELECT 1 /* a\n/* \\x1b */ \' */ U&"\\000A"'],
  ["DO $a$ it's \\\n\u001b $a$", "DO E' it''s \\\\\\n\\x1b '"],
  ['SELECT U&"a\u001b", U&\'\u202e\'', 'SELECT U&"a\\001B", U&\'\\202E\''],
  ['SELECT 1 -- no\r, 2\n', 'SELECT 1 -- no\n, 2\n'],
  ['SELECT \u001b1', 'SELECT \\x1b1'],
  // What is not seen: a space of no width, a filler, a tag.
  ['DROP TABLE "or\u200bders"', 'DROP TABLE U&"or\\200Bders"'],
  ["SELECT 'a\u3164\u00ad'", "SELECT E'a\\u3164\\u00ad'"],
  ['DROP TABLE "a\u{e0041}"', 'DROP TABLE U&"a\\+0E0041"'],
  ["SELECT 'a\u{e0041}'", "SELECT E'a\\U000e0041'"],
  ['SELECT 1 -- the end \u001b', 'SELECT 1 -- the end \\x1b'],
])('%j', (text, shown) => {
  expect(printableSql(text)).toBe(shown);
  expect(printableSql(shown)).toBe(shown);
});
