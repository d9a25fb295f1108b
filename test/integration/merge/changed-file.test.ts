// steep.yaml is changed while a merge is not finished, and after it: rows that differ are never left alone in silence.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cutting } from '../../support/worlds/cut-run.ts';
import {
  consentTo,
  createMerge,
  type MergeWorld,
  mergeOf,
  notesOf,
  orders,
} from '../../support/worlds/merge.ts';

const merge = { method: 'merge', strategy: 'prefer-node-a' };

/** The pair with another `init`, or with more tables. */
const pairOf = (name: string, init: object | null, more: readonly string[] = []) => ({
  pairs: {
    [name]: {
      nodes: ['us', 'eu'],
      tables: ['customers', 'orders', ...more],
      ...(init !== null && { init }),
    },
  },
});

const killBeforeRows = async ({ us, eu, project, name }: MergeWorld): Promise<void> => {
  const cut = await cutting(
    [us.conninfo, eu.conninfo],
    (text) => text.startsWith('LOCK TABLE') && text.includes(' IN EXCLUSIVE MODE'),
  );
  const [usUrl = '', euUrl = ''] = cut.urls;
  const run = project
    .with({ us: usUrl, eu: euUrl })
    .start('apply', '--auto-approve', ...consentTo(name));
  await cut.reached;
  run.kill('SIGKILL');
  await run.result;
};

test('a merge that was killed is not left out, and a table that joins afterwards is copied', async () => {
  const world = await createMerge({ strategy: 'prefer-node-a' });
  const { us, eu, project, name } = world;
  for (const node of [us, eu]) {
    await node.query('CREATE TABLE later (id int PRIMARY KEY, note text)');
  }
  await us.query(`INSERT INTO later VALUES (1, 'us'), (2, 'us')`);
  await eu.query(`INSERT INTO later VALUES (2, 'eu')`);
  await killBeforeRows(world);
  const before = [await notesOf(us), await notesOf(eu)];
  const wait = ['--auto-approve', '--wait-for-lock', '60s'];

  for (const changed of [
    pairOf(name, null),
    pairOf(name, { method: 'none' }),
    pairOf(name, merge, ['later']),
  ]) {
    await project.describe(changed);
    const refused = await project.steep('apply', ...wait, ...consentTo(name));
    expect(refused.stderr, refused.stdout).toContain('MERGE_UNFINISHED');
    expect(refused.code).toBe(3);
  }
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
  const enabled = await eu.query(
    `SELECT FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
      WHERE d.datname = current_database() AND s.subenabled`,
  );
  expect(enabled).toEqual([]);

  await project.describe(mergeOf(name, { strategy: 'prefer-node-a' }));
  const finished = await project.steep('apply', ...wait, ...consentTo(name));
  expect(finished.code, finished.stdout + finished.stderr).toBe(0);
  await waitForSameRows(us, eu, [orders]);

  await project.describe(pairOf(name, merge, ['later']));
  const differ = await project.steep('apply', '--auto-approve');
  expect(differ.stderr, differ.stdout).toContain('COPY_INTO_NONEMPTY');
  expect(differ.code).toBe(3);
  await eu.query('TRUNCATE later');
  const joined = await project.steep('apply', '--auto-approve');
  expect(joined.code, joined.stdout + joined.stderr).toBe(0);
  await eu.query(`INSERT INTO later VALUES (3, 'eu')`);
  await us.query(`INSERT INTO later VALUES (4, 'us')`);
  await waitForSameRows(us, eu, [orders, { schema: 'public', name: 'later' }]);
  expect(await us.query('SELECT id FROM later ORDER BY id')).toEqual(
    [1, 2, 3, 4].map((id) => ({ id })),
  );
  expect((await project.steep('plan', '--detailed-exitcode')).code).toBe(0);
});

test('a pair that was created with another init is not taken for a merged one', async () => {
  const { us, eu, project, name } = await createMerge({ strategy: 'prefer-node-a' });
  const before = [await notesOf(us), await notesOf(eu)];
  await project.describe(pairOf(name, { method: 'none' }));
  const skipped = [`us/subscription.${name}_from_eu`, `eu/subscription.${name}_from_us`];
  const consent = skipped.flatMap((it) => ['--allow-hazard', `COPY_SKIPPED_GAP=${it}`]);
  const created = await project.steep('apply', '--auto-approve', ...consent);
  expect(created.code, created.stdout + created.stderr).toBe(0);
  await project.describe(pairOf(name, merge));
  const planned = await project.steep('plan', '--detailed-exitcode');
  expect(planned.code, planned.stdout + planned.stderr).toBe(3);
  expect(planned.stdout).toMatch(/BLOCK +MERGE_REPLICATING/);
  expect(planned.stdout).not.toContain('No changes.');
  expect((await project.steep('apply', '--auto-approve')).code).toBe(3);
  expect(planned.stdout).toContain('no merge of nodes us and eu is on record');
  expect([await notesOf(us), await notesOf(eu)]).toEqual(before);
});
