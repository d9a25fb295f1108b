// Snapshots on storage that cannot fill a node: the plan says why, or the load stops before the first row; and what is
// mended continues.

import { appendFile, rename, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createWorld, done, tables, type World } from '../../support/worlds/two-phase.ts';

const refused = async ({ project }: World): Promise<string> => {
  const apply = await project.steep('apply', '--auto-approve');
  expect(apply.code, apply.stdout + apply.stderr).toBe(3);
  const text = apply.stdout + apply.stderr;
  expect(text).toContain('SNAPSHOT_UNUSABLE');
  return text;
};

test('what was changed since the snapshot is found out, one thing after the other', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const { project, publisher, describe } = world;
  const [target] = world.targets;
  if (target === undefined) throw new Error('no target');

  await describe({ method: 'two_phase', snapshot: 'nowhere' });
  expect(await refused(world)).toContain('nowhere');
  await describe();

  await publisher.query('ALTER TABLE items ADD COLUMN more int');
  await target.query('ALTER TABLE items ADD COLUMN more int');
  expect(await refused(world)).toContain('the source has altered public.items since');
  await publisher.query('ALTER TABLE items DROP COLUMN more');
  await target.query('ALTER TABLE items DROP COLUMN more');
  await done(project, 'plan');

  await publisher.query('ALTER PUBLICATION sales DROP TABLE lines');
  await publisher.query('ALTER PUBLICATION sales ADD TABLE lines');
  expect(await refused(world)).toContain(
    'publication sales was changed, or dropped and created again, since then',
  );
});

test('a slot that a session read, or dropped, is detected', async () => {
  const world = await createWorld(14, [newestMajor]);
  const { publisher } = world;
  const anchor = `(SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'steep_snapshot%' AND database = current_database())`;
  await publisher.query('INSERT INTO lines VALUES (0)');
  await publisher.query(`SELECT pg_replication_slot_advance(${anchor}, pg_current_wal_lsn())`);
  expect(await refused(world)).toContain('another session has read it');
  await publisher.query(`SELECT pg_drop_replication_slot(${anchor})`);
  expect(await refused(world)).toContain('is gone from publisher');
});

test('files that are damaged are named before a row is loaded, and the mended ones continue', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const { project, publisher } = world;
  const [target] = world.targets;
  if (target === undefined) throw new Error('no target');
  const [schema, sequences] = ['schema.sql', 'sequences.json'].map((file) =>
    join(project.path('snap'), file),
  );
  if (schema === undefined || sequences === undefined) throw new Error('two files');
  await appendFile(schema, ' ');
  await rename(sequences, project.path('aside'));
  const failed = await project.steep('apply', '--auto-approve');
  expect(failed.code).not.toBe(0);
  const text = failed.stdout + failed.stderr;
  expect(text).toContain('SNAPSHOT_DAMAGED');
  expect(text).toMatch(/schema\.sql has \d+ bytes/);
  expect(text).toContain('sequences.json is missing');
  expect(await target.query('SELECT FROM items LIMIT 1')).toEqual([]);
  expect(await target.query('SELECT state FROM steep_repl.subscriptions_init')).toEqual([
    { state: 'failed' },
  ]);
  const { length } = await project.read('snap/schema.sql');
  await truncate(schema, length - 1);
  await rename(project.path('aside'), sequences);
  await done(project, 'apply', '--auto-approve');
  await waitForSameRows(publisher, target, tables);
});

test('tables that hold other rows block, and --force empties them after consent', async () => {
  const world = await createWorld(newestMajor, [newestMajor]);
  const { project, publisher } = world;
  const [target] = world.targets;
  if (target === undefined) throw new Error('no target');
  await target.query(`INSERT INTO lines VALUES (-1, 'mine')`);
  const blocked = await project.steep('apply', '--auto-approve');
  expect(blocked.code).toBe(3);
  expect(blocked.stdout + blocked.stderr).toContain('COPY_INTO_NONEMPTY');
  const allow = ['--allow-hazard', 'TARGET_TRUNCATE=target0/subscription.feed0'];
  await done(project, 'init', 'auto', 'target0', '--force', '--auto-approve', ...allow);
  await waitForSameRows(publisher, target, tables);
});
