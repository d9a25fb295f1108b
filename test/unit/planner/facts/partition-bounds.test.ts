// Which partitions take every row of another one, by the bounds as the server prints them.

import { expect, test } from 'vitest';
import { takeEveryRow, takeRowsOf } from '../../../../src/planner/facts/partition-bounds.ts';

const range = (from: string, to: string): string => `FOR VALUES FROM (${from}) TO (${to})`;
const hash = (modulus: number, remainder: number): string =>
  `FOR VALUES WITH (modulus ${modulus}, remainder ${remainder})`;
const bounds = (texts: readonly string[]) => texts.map((bound) => ({ bound }));

test.each<[readonly string[], boolean]>([
  [[], false],
  [['DEFAULT'], true],
  [[hash(2, 0)], false],
  [[hash(2, 1), hash(4, 0), hash(4, 2)], true],
  [[range('MINVALUE', "'b'"), range("'b'", 'MAXVALUE')], true],
  [[range('MINVALUE', "'b'"), range("'c'", 'MAXVALUE')], false],
  [[range('1', '2')], false],
])('%j take every row: %s', (partitions, expected) => {
  expect(takeEveryRow(bounds(partitions))).toBe(expected);
});

test.each<[string, readonly string[], string | null, boolean]>([
  [range('1', '3'), [range('1', '3')], null, true],
  [range('1', '3'), [range('2', '3'), range('1', '2')], 'integer', true],
  [range('9', '11'), [range('5', '10'), range('10', '20')], 'integer', true],
  [range("'9'", "'11'"), [range("'5'", "'100'")], 'bigint', true],
  [range("'9'", "'11'"), [range("'5'", "'100'")], 'text', false],
  [range('9', '11'), [range('5', '10'), range('10', '11')], 'bigint', true],
  [range('9', '12'), [range('5', '10'), range('10', '11')], 'integer', false],
  [range('-5', '1'), [range('MINVALUE', '1')], 'integer', true],
  [range('MINVALUE', '1'), [range('-5', '1')], 'integer', false],
  [range("'2024-02-01'", "'2024-03-01'"), [range("'2024-01-01'", "'2025-01-01'")], 'date', true],
  [range("'2024-02-01'", "'2024-03-01'"), [range("'2024-02-02'", "'2025-01-01'")], 'date', false],
  [range('1, 2', '3, 4'), [range('1, 2', '3, 4')], null, true],
  [range('1, 2', '3, 4'), [range('1, 2', '3, 5')], null, false],
  [
    `FOR VALUES IN ('a', 'it''s, b')`,
    [`FOR VALUES IN ('it''s, b')`, `FOR VALUES IN ('a', 'c')`],
    'text',
    true,
  ],
  [`FOR VALUES IN ('a', NULL)`, [`FOR VALUES IN ('a')`], 'text', false],
  [hash(4, 3), [hash(2, 1)], 'integer', false],
  ['DEFAULT', [range('1', '3')], 'integer', false],
])('%s fits %j of %s: %s', (bound, partitions, type, expected) => {
  expect(takeRowsOf({ bound }, bounds(partitions), type)).toBe(expected);
});
