// How errors are printed: one form, whoever has thrown them.

import { expect, test } from 'vitest';
import { errorDocument, renderFailure } from '../../../src/cli/failure.ts';
import { SteepError } from '../../../src/model/errors.ts';
import { ExitCode } from '../../../src/model/plan/exit-code.ts';

const help = '\nSee more help with --help';

const parsed = (message: string): Error => Object.assign(new Error(message), { parse: {} });

const ofOwnFlag = (): Error => {
  const error = new SteepError('USAGE', '"5 minutes" is not a time.', {
    exit: ExitCode.usage,
    suggestions: ['Write it as 30s, 5min or 2h.'],
  });
  // As the parser of oclif does it.
  error.message = `Parsing --lock-timeout \n\t${error.message}${help}`;
  return error;
};

test.each([
  [ofOwnFlag(), '--lock-timeout: "5 minutes" is not a time.'],
  [parsed(`Parsing --jobs \n\tExpected an integer but received: x${help}`), '--jobs: Expected an'],
  [parsed(`Nonexistent flag: --nope${help}`), 'Nonexistent flag: --nope'],
  [
    parsed(`The following error occurred:\n  Missing required flag input${help}`),
    'Missing required',
  ],
  [
    parsed(`Missing 1 required arg:\nnode  The node.\n\nNote: --tables allows multiple.${help}`),
    'Missing 1 required arg:\nnode  The node.',
  ],
])('%s', (error, begins) => {
  const { message, suggestions } = errorDocument(error).error;
  expect(message.startsWith(begins)).toBe(true);
  expect(message).not.toMatch(/See more help|Note:|\t/);
  expect(suggestions).toHaveLength(1);
  expect(renderFailure(error).match(/Try this:/g)).toHaveLength(1);
});
