// Pauses grow to the longest, and are never longer.

import { expect, test } from 'vitest';
import { growingPauses } from '../../../src/model/pauses.ts';

const pausesFor = async (firstMs: number, longestMs: number): Promise<readonly number[]> => {
  const slept: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms);
    return Promise.resolve();
  };
  const pause = growingPauses({ sleep, firstMs, longestMs });
  for (let count = 0; count < 6; count += 1) await pause();
  return slept;
};

test.each([
  [50, 500, [50, 100, 200, 400, 500, 500]],
  [50, 10, [10, 10, 10, 10, 10, 10]],
])('first %i ms, at most %i ms', async (firstMs, longestMs, expected) => {
  expect(await pausesFor(firstMs, longestMs)).toEqual(expected);
});
