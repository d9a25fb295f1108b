// Who may say yes to what: --auto-approve to a plan, an address or the policy to a danger.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { catalogsOf } from '../../support/servers/catalogs.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';
import type { Topology } from '../../support/worlds/project.ts';

/** A name that a shell would take apart. */
const subscription = `bob's $HOME; items`;

const topologyOf = ({ slot }: Edge, policy: Topology['policy'] = {}): Topology => ({
  // Rows that block PostgreSQL's own copy are a danger, those that block steep's a block.
  defaults: { init: { copy: 'native' } },
  publications: { items: { node: 'publisher', tables: ['items'] } },
  subscriptions: {
    [subscription]: { node: 'subscriber', source: 'publisher', publications: ['items'], slot },
  },
  policy,
});

/** An edge with one danger: rows in the subscriber's table, COPY_INTO_NONEMPTY. */
async function createDangerousEdge(policy?: Topology['policy']): Promise<Edge> {
  const edge = await createEdge();
  await edge.subscriber.query(`INSERT INTO items VALUES (-1, 'there before')`);
  await edge.project.describe(topologyOf(edge, policy));
  return edge;
}

/** The words of a command line as a shell reads it. */
async function shellWords(line: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `printf '%s\\n' ${line}`]);
  return stdout.trimEnd().split('\n');
}

test('--auto-approve covers no danger: exit 3 with the flag to paste, which then works', async () => {
  const { project, subscriber } = await createDangerousEdge();
  const before = await catalogsOf(subscriber);
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stderr).toBe(3);
  expect(refused.stderr).toContain('HAZARD_NOT_ALLOWED');
  expect(await catalogsOf(subscriber)).toEqual(before);
  const [flag = ''] =
    /--allow-hazard COPY_INTO_NONEMPTY=.*|--allow-hazard '.*/.exec(refused.stderr) ?? [];
  const words = await shellWords(flag);
  expect(words).toHaveLength(2);
  const allowed = await project.steep('apply', '--auto-approve', ...words);
  expect(allowed.code, allowed.stderr).toBe(0);
});

test('a copy into rows that have the same keys: the failure names the table, and its cure works', async () => {
  const edge = await createEdge();
  const { project, publisher, subscriber } = edge;
  await publisher.query(`INSERT INTO items VALUES (-1, 'new')`);
  await subscriber.query(`INSERT INTO items VALUES (-1, 'there before')`);
  const topology = topologyOf(edge, { allow_hazards: ['COPY_INTO_NONEMPTY'] });
  const options = { disable_on_error: true };
  await project.describe({ ...topology, defaults: { ...topology.defaults, options } });
  const failed = await project.steep('apply', '--auto-approve');
  expect(failed.code, failed.stderr).toBe(8);
  const [cure = ''] = /TRUNCATE TABLE public\.items;/.exec(failed.stdout) ?? [];
  expect(cure, failed.stdout).not.toBe('');
  await subscriber.query(cure);
  const done = await project.steep('apply', '--auto-approve');
  expect(done.code, done.stderr).toBe(0);
});

test('the flag of another address does not work', async () => {
  const { project } = await createDangerousEdge();
  const flag = ['--allow-hazard', 'COPY_INTO_NONEMPTY=subscriber/subscription.other'];
  expect((await project.steep('apply', '--auto-approve', ...flag)).code).toBe(3);
});

test('policy.allow_hazards covers a danger', async () => {
  const { project } = await createDangerousEdge({ allow_hazards: ['COPY_INTO_NONEMPTY'] });
  const { code, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stderr).toBe(0);
});

test.each([{ flags: [] }, { flags: ['--json'] }])(
  'without a terminal and --auto-approve, with $flags: exit 64',
  async ({ flags }) => {
    const { project, subscriber } = await createEdge();
    const before = await catalogsOf(subscriber);
    const { code, stdout, stderr } = await project.steep('apply', ...flags);
    expect(code, stderr).toBe(64);
    expect(stdout + stderr).toContain('NO_TERMINAL');
    expect(await catalogsOf(subscriber)).toEqual(before);
  },
);
