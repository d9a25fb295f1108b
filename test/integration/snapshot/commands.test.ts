// steep snapshot list, show and verify, on snapshots that steep snapshot generate has made.

import { mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installMetadata } from '../catalog/metadata.ts';
import { createWorld, expectRefusal, generate, record } from './commands-world.ts';

test('a tree of snapshots, and one of them in detail', async () => {
  const world = await createWorld();
  const { project, backups } = world;
  const none = await project.steep('snapshot', 'list', backups);
  expect(none.stdout).toBe(`No snapshot below ${backups}.\n`);

  expect((await project.steep('snapshot', 'list', backups, '--deleted')).code).toBe(64);

  const first = await generate(world, 'one/january');
  const second = await generate(world, 'february', '--compression', 'gzip', '--no-slot');
  const broken = await generate(world, 'broken', '--no-slot');
  await writeFile(join(broken.place, 'manifest.json'), '{}\n');
  await mkdir(join(backups, 'website'));
  await writeFile(join(backups, 'website', 'manifest.json'), '{"name": "no snapshot"}');

  const list = await project.steep('snapshot', 'list', backups);
  expect(list.code).toBe(0);
  const lines = list.stdout.split('\n');
  expect(lines[1]).toMatch(
    new RegExp(
      `^${second.manifest.snapshotId} +complete +\\S+Z +primary +\\S+ +2 +100 +.*gzip:1 +- +${second.place}$`,
    ),
  );
  expect(lines[2]).toContain(` ${first.manifest.slot} `);
  expect(lines[3]).toMatch(/^- +DAMAGED/);
  expect(list.stdout).toContain('manifest.json is damaged');
  expect(list.stdout).toContain(`3 snapshots below ${backups}.`);

  const json = await project.steep('snapshot', 'list', backups, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({
    location: backups,
    snapshots: [
      { snapshot_id: second.manifest.snapshotId, status: 'complete', slot: null, anchor: null },
      { snapshot_id: first.manifest.snapshotId, rows: 100, tables: 2, location: first.place },
      { snapshot_id: null, status: 'damaged', error: expect.stringContaining('is damaged') },
    ],
  });

  const shown = await project.steep('snapshot', 'show', first.place);
  expect(shown.stdout).toMatch(/public\.orders +100 +\S+ kB +\d+ bytes +1$/m);
  expect(shown.stdout).toMatch(/public\.empty +0 +/);
  expect(shown.stdout).toContain(`${first.manifest.slot}: keeps the WAL since then`);
  expect(shown.stdout).toContain(`steep snapshot apply --node NODE --input ${first.place}`);
  const document = await project.steep('snapshot', 'show', first.place, '--json');
  expect(JSON.parse(document.stdout)).toMatchObject({
    format_version: 1,
    snapshot_id: first.manifest.snapshotId,
    tables: [{ name: 'empty' }, { name: 'orders', rows: 100 }],
  });
  const missing = await project.steep('snapshot', 'show', join(backups, 'one'));
  expectRefusal(missing, 'SNAPSHOT_MISSING');
});

test('verify names every fault', async () => {
  const world = await createWorld();
  const { project } = world;
  const { place } = await generate(world, 'january', '--compression', 'none', '--no-slot');
  const whole = await project.steep('snapshot', 'verify', '--input', place);
  expect(whole.code, whole.stderr).toBe(0);
  expect(whole.stdout).toMatch(/^Intact: snapshot \S+, 2 tables, 100 rows, /);

  const chunk = join(
    place,
    'data/public.orders',
    (await readdir(join(place, 'data/public.orders')))[0] ?? '',
  );
  await truncate(chunk, 10);
  await writeFile(join(place, 'schema.sql'), 'DROP TABLE orders;');
  await rm(join(place, 'sequences.json'));
  await symlink('/etc/passwd', join(place, 'notes'));
  const damaged = await project.steep('snapshot', 'verify', '--input', place, '--jobs', '2');
  expect(damaged.code).toBe(3);
  expect(damaged.stdout.split('\n').map((line) => line.replace(/\d+/g, 'N'))).toEqual([
    expect.stringMatching(/^data\/public\.orders\/N\.bin has N bytes instead of N$/),
    'notes is a link',
    'schema.sql has N bytes instead of N',
    'sequences.json is missing',
    expect.stringMatching(/^DAMAGED: snapshot .*, N faults\.$/),
    '',
  ]);
  const json = await project.steep('snapshot', 'verify', '--input', place, '--json');
  expect(json.code).toBe(3);
  expect(JSON.parse(json.stdout)).toMatchObject({
    whole: false,
    faults: [{}, { path: 'notes', fault: 'is a link' }, {}, {}],
  });
});

test('what is on record, with the slots as they are now', async () => {
  const world = await createWorld();
  const { project, source } = world;
  const bare = await project.steep('snapshot', 'list');
  expect(bare.stdout).toBe('No snapshot on record.\n');
  await installMetadata(source);
  const kept = await generate(world, 'kept');
  const dropped = await generate(world, 'dropped');
  const read = await generate(world, 'read');
  for (const { place, manifest } of [kept, dropped, read]) await record(source, place, manifest);
  await source.query(`SELECT pg_drop_replication_slot('${dropped.manifest.slot}')`);
  await source.query(`INSERT INTO orders VALUES (1000, 'later')`);
  await source.query(
    `SELECT pg_replication_slot_advance('${read.manifest.slot}', pg_current_wal_lsn())`,
  );

  const list = await project.steep('snapshot', 'list');
  expect(list.code, list.stderr).toBe(0);
  const line = (id: string): string =>
    list.stdout.split('\n').find((it) => it.startsWith(id)) ?? '';
  expect(line(kept.manifest.snapshotId)).toMatch(
    new RegExp(` ${kept.manifest.slot} +[\\d.]+ k?M?B \\(reserved\\) +${kept.place}$`),
  );
  expect(line(dropped.manifest.snapshotId)).toContain(`${dropped.manifest.slot} (MISSING)`);
  expect(line(read.manifest.snapshotId)).toContain(`${read.manifest.slot} (MOVED)`);
  expect(list.stdout).toContain(
    `slot ${dropped.manifest.slot} no longer exists: no subscription can start`,
  );

  const json = await project.steep('snapshot', 'list', '-c', source.url, '--json');
  const { snapshots } = JSON.parse(json.stdout) as {
    readonly snapshots: readonly Record<string, unknown>[];
  };
  expect(snapshots.find(({ snapshot_id: id }) => id === kept.manifest.snapshotId)).toMatchObject({
    status: 'complete',
    anchor: { state: 'kept', wal_status: 'reserved', retained_bytes: expect.any(Number) },
  });

  const shown = await project.steep('snapshot', 'show', kept.manifest.snapshotId);
  expect(shown.stdout).toContain(`location      ${kept.place}`);
  expectRefusal(await project.steep('snapshot', 'show', 'nothing_1'), 'SNAPSHOT_UNKNOWN');
  await rm(kept.place, { recursive: true });
  expectRefusal(
    await project.steep('snapshot', 'show', kept.manifest.snapshotId),
    'SNAPSHOT_ELSEWHERE',
    kept.place,
  );

  const unreadable = project.with({ primary: 'postgresql://127.0.0.1:1/none' });
  const unread = await unreadable.steep('snapshot', 'list');
  expect(unread.code).toBe(7);
});
