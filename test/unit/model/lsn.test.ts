import { expect, test } from 'vitest';
import { lsnDistance, withoutPageHeader } from '../../../src/model/lsn.ts';

const segment = 16 * 1024 * 1024;

test.each([
  ['behind the header of a page', '0/3002018', '0/3002000'],
  ['behind the header of a segment', '0/3000028', '0/3000000'],
  ['where a record ends on the first page', '0/3000040', '0/3000040'],
  ['where the rest of a record ends', '0/3002028', '0/3002028'],
  ['behind too short a header', '0/3000018', '0/3000018'],
])('%s', (_where, lsn, expected) => {
  expect(withoutPageHeader(lsn, segment)).toBe(expected);
});

test.each(['', 'zz', '0/zz', '1', '0/123456789', '-1/0', '0/0/0'])(
  'a server that sends %j as a position',
  (lsn) => {
    expect(() => lsnDistance('0/0', lsn)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    );
  },
);
