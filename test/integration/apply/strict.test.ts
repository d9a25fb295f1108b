// --strict and policy.strict: a warning is refused like a danger until it is allowed, by plan and apply alike.

import { expect, test } from 'vitest';
import { catalogsOf } from '../../support/servers/catalogs.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

/** The flags that a refusal prints, as words: names of tests need no quotes. */
const flagsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^ *(--allow-hazard) (\S+)$/gm)].flatMap(([, flag = '', value = '']) => [
    flag,
    value,
  ]);

/** Other tests write on the same servers: what they do at the moment is none of this test's business. */
const elsewhere = 'SLOT_CREATE_WAITS';

const withPolicy = (edge: Edge, policy: object = {}): Promise<void> =>
  edge.project.describe({
    ...edge.topology,
    policy: { allow_hazards: [elsewhere], ...policy },
  });

test('plan and apply refuse warnings, print each flag, and take them', async () => {
  const edge = await createEdge();
  const { project, subscriber } = edge;
  await withPolicy(edge);
  expect((await project.steep('plan')).stdout).toMatch(/Hazards: 0 dangers, [1-9]\d* warnings?/);
  const before = await catalogsOf(subscriber);
  const planned = await project.steep('plan', '--strict', '--detailed-exitcode');
  expect(planned.code, planned.stderr).toBe(3);
  const refused = await project.steep('apply', '--strict', '--auto-approve');
  expect(refused.code, refused.stderr).toBe(3);
  expect(await catalogsOf(subscriber)).toEqual(before);
  for (const { stderr } of [planned, refused]) {
    expect(stderr).toContain('HAZARD_NOT_ALLOWED');
    expect(stderr).toContain('Warnings need consent too');
  }
  const flags = flagsIn(planned.stderr);
  expect(flags).toEqual(flagsIn(refused.stderr));
  expect(flags).toContain('RESYNC_COPY=subscriber/subscription.items');
  const allowed = await project.steep('plan', '--strict', '--detailed-exitcode', ...flags);
  expect(allowed.code, allowed.stderr).toBe(2);
  expect((await project.steep('plan', '--strict', ...flags, '--out', 'p')).code).toBe(0);
  expect((await project.steep('apply', 'p', '--strict')).code).toBe(3);
  expect((await project.steep('apply', 'p', '--strict', ...flags)).code).toBe(0);
  // Nothing to do is nothing to refuse.
  expect((await project.steep('plan', '--strict', '--detailed-exitcode')).code).toBe(0);
});

test('with --json the plan is still the document, and stderr says why', async () => {
  const { project } = await createEdge();
  const { code, stdout, stderr } = await project.steep('plan', '--strict', '--json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ format_version: '1.0', applyable: true });
  expect(stderr).toContain('--allow-hazard ');
});

test('a block is refused too, and cannot be allowed; what is unknown outranks it', async () => {
  const { project, subscriber } = await createEdge();
  await subscriber.query('DROP TABLE items');
  const { code, stderr } = await project.steep('plan', '--strict');
  expect(code, stderr).toBe(3);
  expect(stderr).toContain('BLOCKED');
  const unread = project.with({ publisher: 'postgresql://postgres@127.0.0.1:1/nowhere' });
  expect((await unread.steep('plan', '--strict')).code).toBe(7);
});

test('policy.strict makes apply strict; plan shows the flags and exits as ever', async () => {
  const edge = await createEdge();
  await withPolicy(edge, { strict: true });
  const planned = await edge.project.steep('plan');
  expect(planned.code).toBe(0);
  const flags = flagsIn(planned.stdout.replaceAll('allow with: ', ''));
  expect(flags).toContain('RESYNC_COPY=subscriber/subscription.items');
  expect((await edge.project.steep('apply', '--auto-approve')).code).toBe(3);
  const applied = await edge.project.steep('apply', '--auto-approve', ...flags);
  expect(applied.code, applied.stderr).toBe(0);
});

test('policy.allow_hazards covers warnings as well', async () => {
  const edge = await createEdge();
  await withPolicy(edge, {
    strict: true,
    allow_hazards: [elsewhere, 'RESYNC_COPY', 'SECRET_IN_CATALOG'],
  });
  const { code, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
});
