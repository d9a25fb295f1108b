// The prompt of apply: only "yes" is a yes, and a danger wants its address.

import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { approve, confirm, type Terminal } from '../../../src/cli/approve.ts';
import { hazard } from '../../support/plans/plans.ts';

const address = 'reporting/subscription.legacy';
const danger = hazard('SLOT_DROP', 'danger', address);

const never = new AbortController().signal;

/** Types each answer when the next question is there. */
function terminalThatTypes(
  ...answers: readonly string[]
): Terminal & { readonly said: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: false });
  const left = [...answers];
  let said = '';
  output.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (!said.endsWith(': ')) return;
    const answer = left.shift();
    if (answer !== undefined) input.write(`${answer}\n`);
  });
  return {
    input: input as unknown as Terminal['input'],
    output: output as unknown as Terminal['output'],
    said: () => said,
  };
}

describe('the answer to the prompt', () => {
  test.each([
    { typed: ['yes'], dangers: [], approved: true },
    { typed: ['y'], dangers: [], approved: false },
    { typed: ['YES'], dangers: [], approved: false },
    { typed: [''], dangers: [], approved: false },
    { typed: [address, 'yes'], dangers: [danger], approved: true },
    { typed: [address, 'no'], dangers: [danger], approved: false },
    { typed: ['yes', 'yes'], dangers: [danger], approved: false },
  ])('$typed with $dangers.length dangers: $approved', async ({ typed, dangers, approved }) => {
    const terminal = terminalThatTypes(...typed);
    const answer = await approve(dangers, false, terminal, never);
    expect(answer.approved).toBe(approved);
    if (approved) expect(answer.allowed).toEqual(dangers.map(({ code }) => ({ code, address })));
    expect(terminal.said()).toContain(
      dangers.length > 0 ? `SLOT_DROP: type the address` : 'Only "yes"',
    );
  });
});

test('--auto-approve asks nothing and allows no danger', async () => {
  const terminal = terminalThatTypes();
  expect(await approve([danger], true, terminal, never)).toEqual({ approved: true, allowed: [] });
  expect(terminal.said()).toBe('');
});

test('the end of the input declines', async () => {
  const terminal = terminalThatTypes();
  const answer = approve([], false, terminal, never);
  (terminal.input as unknown as PassThrough).end();
  expect(await answer).toEqual({ approved: false, allowed: [] });
});

test.each([130, 143])('an interrupt ends the asking with %i', async (exit) => {
  const controller = new AbortController();
  const answer = approve([danger], false, terminalThatTypes(), controller.signal);
  controller.abort(exit);
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED', exit });
});

test('Ctrl-C, where it is a key, interrupts too', async () => {
  const terminal = terminalThatTypes();
  Object.assign(terminal.output, { isTTY: true });
  const answer = approve([], false, terminal, never);
  (terminal.input as unknown as PassThrough).write('\u0003');
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED', exit: 130 });
});

test('without a terminal there is nobody to ask', async () => {
  const terminal = terminalThatTypes('yes');
  Object.assign(terminal.input, { isTTY: false });
  await expect(approve([], false, terminal, never)).rejects.toMatchObject({
    code: 'NO_TERMINAL',
    exit: 64,
  });
});

test.each([
  { typed: 'yes', is: true },
  { typed: 'y', is: false },
  { typed: '', is: false },
])('a question of its own: "$typed" is $is', async ({ typed, is }) => {
  const terminal = terminalThatTypes(typed);
  expect(await confirm('Delete this snapshot?', false, terminal, never)).toBe(is);
  expect(terminal.said()).toBe('Delete this snapshot? Only "yes" is accepted: ');
});

test('a question without a terminal is refused, save where the answer is given', async () => {
  const terminal = {
    ...terminalThatTypes(),
    input: new PassThrough() as unknown as Terminal['input'],
  };
  expect(await confirm('Delete this snapshot?', true, terminal, never)).toBe(true);
  await expect(confirm('Delete this snapshot?', false, terminal, never)).rejects.toMatchObject({
    code: 'NO_TERMINAL',
    exit: 64,
  });
});
