import { expect, test } from 'vitest';
import { type SlotStatistics, slotWasReplaced } from '../../../../src/model/edge/edge-record.ts';

const noted: SlotStatistics = {
  resetAt: '2026-01-02',
  transactions: 10,
  countingSince: '2026-01-01',
};

test.each<[string, Partial<SlotStatistics>, boolean]>([
  ['the same slot has decoded more', { transactions: 11 }, false],
  ['the same slot has decoded nothing since', {}, false],
  ['another slot was never reset', { resetAt: null, transactions: 99 }, true],
  ['a session has reset the counters', { resetAt: '2026-01-03', transactions: 0 }, false],
  ['the server has lost its counters', { resetAt: null, countingSince: '2026-01-03' }, false],
  ['it is not known since when the server counts', { resetAt: null, countingSince: null }, false],
  ['the same time of reset, and fewer transactions', { transactions: 9 }, true],
])('%s', (_case, now, replaced) => {
  expect(slotWasReplaced(noted, { ...noted, ...now })).toBe(replaced);
});

test('counters that were never reset tell by their number', () => {
  const before = { ...noted, resetAt: null };
  expect(slotWasReplaced(before, { ...before, transactions: 3 })).toBe(true);
  expect(slotWasReplaced(before, { ...before, transactions: 12 })).toBe(false);
  expect(slotWasReplaced(before, { ...before, resetAt: '2026-01-03', transactions: 0 })).toBe(
    false,
  );
});
