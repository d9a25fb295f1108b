// Which of two rows wins, by each strategy; and times as PostgreSQL prints them.

import { expect, test } from 'vitest';
import type { RowValues } from '../../../src/compare/repair/read-rows.ts';
import { decide, microsOf } from '../../../src/merge/decide.ts';
import type { MergeRule } from '../../../src/model/state/merge.ts';

const row = (at: string | null): RowValues => new Map([['at', at]]);
const early = row('2026-01-01 00:00:00+00');
const late = row('2026-01-01 00:00:01+00');
const ruleOf = (strategy: MergeRule['strategy'], tie: 'a' | 'b' = 'a'): MergeRule => ({
  strategy,
  modifiedColumn: strategy === 'last-modified' ? 'at' : null,
  tie,
});
const winnerOf = (
  a: RowValues | undefined,
  b: RowValues | undefined,
  rule: MergeRule,
  skewMicros = 0n,
): string => decide({ a, b }, rule, skewMicros).winner;

test('a row that only one node has wins, whatever the strategy', () => {
  expect(winnerOf(undefined, early, ruleOf('prefer-node-a'))).toBe('b');
  expect(winnerOf(early, undefined, ruleOf('prefer-node-b'))).toBe('a');
});

test('a preferred node wins', () => {
  expect(winnerOf(early, late, ruleOf('prefer-node-a'))).toBe('a');
  expect(winnerOf(late, early, ruleOf('prefer-node-b'))).toBe('b');
});

test('the later row wins; within the difference of the clocks, the tie decides', () => {
  const rule = ruleOf('last-modified', 'b');
  expect(winnerOf(late, early, rule)).toBe('a');
  expect(winnerOf(early, late, rule)).toBe('b');
  expect(winnerOf(late, early, rule, 999_999n)).toBe('a');
  expect(winnerOf(late, early, rule, 1_000_000n)).toBe('b');
});

test.each([
  ['NULL', null, '2026-01-01 00:00:00+00'],
  ['without a zone', '2027-01-01 00:00:00', '2026-01-01 00:00:00'],
  ['the same', 'infinity', 'infinity'],
])('a tie: %s', (_what, a, b) => {
  expect(winnerOf(row(a), row(b), ruleOf('last-modified', 'a'))).toBe('a');
  expect(winnerOf(row(a), row(b), ruleOf('last-modified', 'b'))).toBe('b');
});

test('the ends of time', () => {
  const rule = ruleOf('last-modified');
  expect(winnerOf(row('infinity'), late, rule)).toBe('a');
  expect(winnerOf(late, row('infinity'), rule)).toBe('b');
  expect(winnerOf(late, row('-infinity'), rule)).toBe('a');
});

test.each([
  ['1970-01-01 00:00:00+00', 0n],
  ['1970-01-01 00:00:00.000001+00', 1n],
  ['1970-01-01 05:30:00+05:30', 0n],
  ['1969-12-31 23:59:59.5-00:00', -500_000n],
  ['0001-01-01 00:00:00+00 BC', -62_167_219_200_000_000n],
  ['2026-01-01', null],
])('%s', (text, micros) => {
  expect(microsOf(text)).toBe(micros);
});
