// How a process ends: its exit code, and with --json one document on stdout, whatever happens.

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

interface Ending {
  readonly line: string;
  readonly exit: number;
  /** The code in the error document. */
  readonly code: string;
  /** What stderr says without --json. */
  readonly text: string;
}

const failures: readonly Ending[] = [
  { line: 'succeed --no-such-flag', exit: 64, code: 'USAGE', text: 'Nonexistent flag' },
  { line: 'succeed --log-format xml', exit: 64, code: 'USAGE', text: 'to be one of: json, text' },
  { line: 'succeed surplus', exit: 64, code: 'UNKNOWN_COMMAND', text: 'steep succeed surplus' },
  { line: 'suceed', exit: 64, code: 'UNKNOWN_COMMAND', text: '  steep succeed\n' },
  { line: 'suceed --help', exit: 64, code: 'UNKNOWN_COMMAND', text: 'suceed not found' },
  // A connection string at the wrong place.
  {
    line: 'succeed postgresql://u:canary-pw@h/app',
    exit: 64,
    code: 'UNKNOWN_COMMAND',
    text: 'steep succeed',
  },
  { line: 'succeed postgresql://u:canary:pw@h/d', exit: 64, code: 'UNKNOWN_COMMAND', text: '…"' },
  { line: 'succeed password=canary', exit: 64, code: 'USAGE', text: 'password=***' },
  {
    line: 'postgresql://u:canary-pw@h/app --help',
    exit: 64,
    code: 'UNKNOWN_COMMAND',
    text: 'not found',
  },
  {
    line: 'succeed --no-such=postgresql://u:canary-pw@h/app',
    exit: 64,
    code: 'USAGE',
    text: '@h/app\nCode: USAGE\nTry this:',
  },
  { line: 'refuse', exit: 3, code: 'SLOT_DROP', text: 'Try this:\n  steep apply --allow-hazard' },
  { line: 'crash', exit: 1, code: 'INTERNAL_ERROR', text: 'cannot read properties of undefined' },
  { line: 'crash-later', exit: 1, code: 'INTERNAL_ERROR', text: 'an event handler broke' },
];

test.each(failures)('steep $line ends with $exit', ({ line, exit, text }) => {
  const { status, stdout, stderr } = steep(line);
  expect(status).toBe(exit);
  expect(stdout).toBe('');
  expect(stderr).toContain(text);
  expect(stderr).not.toContain('canary');
});

test.each(failures)('steep $line --json prints the error as a document', ({ line, exit, code }) => {
  const { status, stdout } = steep(`${line} --json`);
  expect(status).toBe(exit);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code,
      message: expect.any(String),
      suggestions: expect.any(Array),
      exit_code: exit,
    },
    diagnostics: [],
  });
  expect(stdout).not.toContain('canary');
});

test('a result is printed for people, or as a document', () => {
  expect(steep('succeed')).toMatchObject({ status: 0, stdout: 'for people\n' });
  const json = steep('succeed --json');
  expect(json).toMatchObject({ status: 0, stdout: '{"well":true}\n' });
  expect(json.stderr).toContain('careful');
});

test('an argument is never read from stdin', () => {
  expect(steep('read --json', 'of the script\n')).toMatchObject({ stdout: '{"name":null}\n' });
});

test('a difference is an exit code, not an error', () => {
  expect(steep('differ')).toMatchObject({ status: 2, stdout: '', stderr: '' });
  expect(steep('differ --json')).toMatchObject({ status: 2, stdout: '{"changes":1}\n' });
});

test('help lists the exit codes of a command', () => {
  const { status, stdout } = steep('differ --help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/EXIT CODES\n {2}0 +Done/);
  expect(stdout).toMatch(/\n {2}2 +There is a difference/);
  expect(stdout).not.toMatch(/\n {2}3 /);
});

function steep(line: string, input = '') {
  const args = ['test/unit/cli/fixture/run.ts', ...line.split(' ')];
  return spawnSync(process.execPath, args, { encoding: 'utf8', input });
}
