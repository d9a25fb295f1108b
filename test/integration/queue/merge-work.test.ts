// start_merge(): the merge of a pair, queued on one of its nodes. steep.yaml decides how; what is asked for otherwise is refused.

import { expect, test } from 'vitest';
import { newestMajor } from '../../support/servers/majors.ts';
import { createMerge, mergeOf, notesOf } from '../../support/worlds/merge.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { call, operationOf } from './queue-world.ts';

test(`PostgreSQL ${newestMajor}: planned, refused where the file says otherwise, and merged`, async () => {
  const { us, eu, name, project } = await createMerge({ strategy: 'prefer-node-a' });
  for (const [node, database] of Object.entries({ us, eu })) {
    await installMetadata(database);
    await call(database, `register_node('${node}', '${node}')`);
  }
  // The dangers of the other node are not for those who queue here.
  const policy = {
    allow_hazards: [
      `MERGE_LOCKS=eu/subscription.${name}_from_us`,
      'MERGE_OVERWRITES=eu/table.public.orders',
    ],
  };
  await project.describe({ ...mergeOf(name, { strategy: 'prefer-node-a' }), policy });
  const mine = `ARRAY['MERGE_LOCKS=us/subscription.${name}_from_eu', 'MERGE_OVERWRITES=us/table.public.orders']`;
  const tables = `ARRAY['customers', 'orders']`;
  const before = [await notesOf(us), await notesOf(eu)];
  const dry = await call(us, `start_merge('eu', p_dry_run => true)`);
  const other = await call(us, `start_merge('eu', p_strategy => 'prefer-node-b')`);
  const fewer = await call(us, `start_merge('eu', ARRAY['orders'])`);
  const unknown = await call(us, `start_merge('asia')`);
  const work = async () => {
    const worker = await project.steep('worker', '--once', '--node', 'us', '--concurrency', '1');
    expect(worker.code, worker.stderr).toBe(0);
  };
  await work();
  expect(await operationOf(us, dry)).toMatchObject({ status: 'complete', attempts: 1 });
  const [planned] = await us.query<{ readonly detail: { readonly hazards: readonly string[] } }>(
    `SELECT detail FROM steep_repl.audit_log WHERE event = 'merge.planned' AND subject = 'operation ${dry}'`,
  );
  expect(planned?.detail.hazards).toContainEqual(
    expect.stringMatching(/^MERGE_OVERWRITES eu\/table\.public\.orders: .*\b5\b/),
  );
  for (const [id, code, said] of [
    [other, 'WORK_INVALID', 'prefer-node-a, not prefer-node-b'],
    [fewer, 'WORK_INVALID', 'public.customers, public.orders'],
    [unknown, 'USAGE', 'asia'],
  ] as const) {
    expect(await operationOf(us, id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error_code: code,
      error: expect.stringContaining(said),
    });
  }
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
  const merge = await call(us, `start_merge('eu', ${tables}, 'prefer-node-a', false, ${mine})`);
  await work();
  expect(await operationOf(us, merge)).toMatchObject({ status: 'complete', error: null });
  const merged = '5 us, 6 us, 7 us, 8 us, 9 us, 200 only us, 301 only eu, 302 only eu';
  expect([await notesOf(us), await notesOf(eu)]).toEqual([merged, merged]);
});
