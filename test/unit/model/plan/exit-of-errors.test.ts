// How a command ends that could not read all of what it was asked about.

import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../../src/model/diagnostic.ts';
import { ExitCode } from '../../../../src/model/plan/exit-code.ts';
import { exitOfErrors, unreadError } from '../../../../src/model/plan/exit-of-errors.ts';

const found = (code: string, severity: Diagnostic['severity'] = 'error'): Diagnostic => ({
  severity,
  code,
  summary: 'S',
  detail: 'Why.',
  suggestions: ['Do this.'],
});

test.each([
  [[], ExitCode.done],
  [[found('IDLE_SETTING', 'warning')], ExitCode.done],
  [[found('SERVER_TOO_OLD')], ExitCode.error],
  [[found('UNREACHABLE')], ExitCode.incomplete],
  [[found('SERVER_TOO_OLD'), found('UNREACHABLE')], ExitCode.incomplete],
  [[found('UNREACHABLE', 'warning'), found('SERVER_TOO_OLD')], ExitCode.error],
])('%j: %i', (diagnostics, exit) => {
  expect(exitOfErrors(diagnostics)).toBe(exit);
});

test('a node that is needed: what is known of it, or what the caller says', () => {
  expect(unreadError(found('LOGIN'), 'Not open.')).toMatchObject({
    code: 'LOGIN',
    message: 'Why.',
    exit: ExitCode.incomplete,
    suggestions: ['Do this.'],
  });
  expect(unreadError(undefined, 'Not open.')).toMatchObject({
    code: 'UNREACHABLE',
    message: 'Not open.',
    suggestions: [],
  });
});
