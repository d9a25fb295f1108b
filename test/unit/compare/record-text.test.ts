// The text of a row, as PostgreSQL writes and reads it.

import { expect, test } from 'vitest';
import { formatRecord, parseRecord } from '../../../src/compare/repair/record-text.ts';

test.each([
  ['(1,a)', ['1', 'a']],
  ['(,)', [null, null]],
  ['("")', ['']],
  ['("a ""b"" \\\\c, (d)",,x)', ['a "b" \\c, (d)', null, 'x']],
  ['("{""a"": [1, 2]}","(1,""x, (y)"")")', ['{"a": [1, 2]}', '(1,"x, (y)")']],
  ['("line\nbreak")', ['line\nbreak']],
])('%s', (text, values) => {
  expect(parseRecord(text)).toEqual(values);
  expect(parseRecord(formatRecord(values))).toEqual(values);
});

test('a row of one NULL', () => {
  expect(formatRecord([null])).toBe('()');
});
