// Addresses in flags while a server is down: whether they exist is unknown then, so they are not called unknown.

import { expect, test } from 'vitest';
import { createEdge } from '../../support/worlds/edge.ts';

const nowhere = 'postgres://steep@127.0.0.1:1/none';

const commands: readonly (readonly string[])[] = [
  ['plan', '--reinit', 'subscriber/subscription.items'],
  ['plan', '--target', 'subscriber/copy.items:public.items'],
  ['apply', '--auto-approve', '--reinit', 'subscriber/copy.items:public.*'],
  ['init', 'reset', 'subscriber', '--tables', 'items', '--auto-approve'],
  ['init', 'reset', 'subscriber', '--full', '--auto-approve'],
];

test.each(['publisher', 'subscriber'] as const)('the %s is down', async (down) => {
  const edge = await createEdge();
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(0);
  const project = edge.project.with({ [down]: nowhere });
  for (const command of commands) {
    const { code, stdout, stderr } = await project.steep(...command);
    expect(stdout + stderr, command.join(' ')).toContain(`Node ${down}`);
    expect(stdout + stderr, command.join(' ')).toContain('UNREACHABLE');
    expect(stdout + stderr, command.join(' ')).not.toContain('UNKNOWN_ADDRESS');
    expect(code, command.join(' ')).toBe(7);
  }
  // A slip of the hand stays one where no server could know better.
  const slip = await project.steep('plan', '--target', 'subscribers/copy.items:public.items');
  expect(slip.stderr).toContain('UNKNOWN_ADDRESS');
  expect(slip.code).toBe(64);
});
