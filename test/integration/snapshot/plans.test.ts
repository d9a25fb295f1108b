// A topology in line stays so when a snapshot of one of its nodes is taken, and does not leave before it is deleted.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { createEdge } from '../../support/worlds/edge.ts';
import { expectRefusal, readMade, record } from './commands-world.ts';
import { dropSnapshotSlots, newDirectory } from './snapshot-under-test.ts';

test('plan, drift and --destroy know the slot of a snapshot', async () => {
  const { project, publisher } = await createEdge();
  onTestFinished(async () => void (await dropSnapshotSlots(publisher)));
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const place = join(await newDirectory(), 'snapshot');
  const from = ['--node', 'publisher', '--publication', 'items'];
  const made = await project.steep('snapshot', 'generate', ...from, '--output', place);
  expect(made.code, made.stderr).toBe(0);
  const manifest = await readMade(place);
  await record(publisher, place, manifest);

  const plan = await project.steep('plan', '--prune', '--detailed-exitcode');
  expect(plan.code, plan.stdout).toBe(0);
  expect(plan.stdout).toContain('No changes.');
  expect(plan.stdout).not.toContain(manifest.slot);
  const drift = await project.steep('drift', '--class', 'topology,schema,runtime');
  expect(drift.code, drift.stdout).toBe(0);

  const destroy = ['apply', '--destroy', '--auto-approve'];
  expectRefusal(
    await project.steep(...destroy),
    'SNAPSHOT_SLOT',
    `steep snapshot delete ${manifest.snapshotId} --node publisher`,
  );
  const cured = ['snapshot', 'delete', manifest.snapshotId, '--node', 'publisher'];
  const deleted = await project.steep(...cured, '--auto-approve');
  expect(deleted.code, deleted.stderr).toBe(0);
  const left = await project.steep('plan', '--destroy');
  expect(left.stdout).not.toContain('SNAPSHOT_SLOT');
});
