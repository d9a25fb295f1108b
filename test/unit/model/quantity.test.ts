// Estimates as people read them.

import { expect, test } from 'vitest';
import { formatSpan, parseTime, timeText } from '../../../src/model/quantity.ts';

test.each([
  [0, 0, 'less than 1 s'],
  [0.3, 0.5, 'less than 1 s'],
  [0.9, 1.5, 'at most 2 s'],
  [3.2, 5.1, 'about 3-6 s'],
  [60, 89.5, 'about 60-90 s'],
  [54, 90, 'at most 2 min'],
  [480, 840, 'about 8-14 min'],
  [5000, 5400, 'about 1-2 h'],
  [259_200, 345_600, 'about 3-4 d'],
])('%d to %d seconds', (low, high, text) => {
  expect(formatSpan({ low, high })).toBe(text);
});

test('what is unknown is called unknown', () => {
  expect(formatSpan(null)).toBe('time unknown');
});

test('minutes are written as min, and read as m too', () => {
  expect([parseTime('10m'), parseTime('10min')]).toEqual([600_000, 600_000]);
  expect(timeText(600_000)).toBe('10min');
});
