// Where a list of publications ends to be readable: found by trying.

import { expect, test } from 'vitest';
import { boundaryOf } from '../../../../src/executors/advance-slot/boundary.ts';
import { lsnDistance } from '../../../../src/model/lsn.ts';

test.each([1, 63, 64, 65, 1000, 70_000])('the end is %i bytes further', async (length) => {
  const from = '0/FFFFFF00';
  let tries = 0;
  const { before, behind } = await boundaryOf(from, (upto) => {
    tries += 1;
    return Promise.resolve(lsnDistance(from, upto) <= length);
  });
  expect(lsnDistance(from, before)).toBeLessThanOrEqual(length);
  expect(lsnDistance(from, behind)).toBeGreaterThan(length);
  expect(lsnDistance(before, behind)).toBeLessThanOrEqual(8);
  expect(tries).toBeLessThan(30);
});
