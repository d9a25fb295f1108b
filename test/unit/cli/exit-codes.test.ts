// The table of exit codes has a row for each code of the contract, and no other.

import { expect, test } from 'vitest';
import { exitCodes, exitCodesOf } from '../../../src/cli/exit-codes.ts';
import { ExitCode } from '../../../src/model/plan/exit-code.ts';

test('every exit code has a meaning, in the order of the numbers', () => {
  expect(exitCodes.map(({ code }) => code)).toEqual(Object.values(ExitCode));
});

test('a command can always succeed, fail, be misused and be stopped', () => {
  expect(exitCodesOf([]).map(({ code }) => code)).toEqual([0, 1, 64, 130, 143]);
  expect(exitCodesOf(['stale']).map(({ code }) => code)).toEqual([0, 1, 4, 64, 130, 143]);
});
