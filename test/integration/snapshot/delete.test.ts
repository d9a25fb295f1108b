// steep snapshot delete: what goes, what stays, and what is refused.

import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runsAnything } from '../../../src/copy/check/code-guard.ts';
import { openStorage } from '../../../src/snapshot/storage/open-storage.ts';
import { beginSnapshot } from '../../../src/workflows/snapshot/snapshot-begin.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { open } from '../copy/copy-under-test.ts';
import {
  createWorld,
  expectRefusal,
  generate,
  record,
  slots,
  type World,
} from './commands-world.ts';

test('delete takes away the files, the slot and the record, and nothing else', async () => {
  const world = await createWorld();
  const { project, source } = world;
  await installMetadata(source);
  const { place, manifest } = await generate(world, 'january');
  await record(source, place, manifest);
  await writeFile(join(place, 'data', 'notes.txt'), 'mine');
  await source.query(
    `SELECT pg_copy_logical_replication_slot('${manifest.slot}', '${source.name}_copy')`,
  );

  const asked = await project.steep('snapshot', 'delete', place);
  expect(asked.code).toBe(64);
  expect(asked.stderr).toContain('NO_TERMINAL');
  expect(asked.stdout).toMatch(/- \d+ files, .* kB, in /);
  expect(asked.stdout).toContain(
    `- slot ${manifest.slot} on node primary, at ${manifest.lsn}, holds `,
  );
  expect(asked.stdout).toContain('Not part of this snapshot, and kept:\n  data/notes.txt');
  expect(await slots(source)).toContain(manifest.slot);

  const deleted = await project.steep('snapshot', 'delete', place, '--auto-approve');
  expect(deleted.code, deleted.stderr).toBe(0);
  expect(deleted.stdout).toContain(`Snapshot ${manifest.snapshotId} is deleted. ${place} is kept`);
  expect(await slots(source)).toEqual([`${source.name}_copy`]);
  expect(await readdir(place, { recursive: true })).toEqual(['data', 'data/notes.txt']);
  expect(await source.query('SELECT status FROM steep_repl.snapshots')).toEqual([
    { status: 'deleted' },
  ]);
  expect((await project.steep('snapshot', 'list')).stdout).toBe('No snapshot on record.\n');
  expect((await project.steep('snapshot', 'list', '--deleted')).stdout).toContain(
    manifest.snapshotId,
  );
});

test('a slot that is in use, and another server, are refused', async () => {
  const world = await createWorld();
  const { project, source } = world;
  const other = await cluster.database(newestMajor);
  const { place, manifest } = await generate(world, 'january');
  expectRefusal(
    await project.steep('snapshot', 'delete', place, '-c', other.url, '--auto-approve'),
    'SNAPSHOT_SOURCE',
    '--keep-slot',
  );
  const nowhere = await createProject({ somewhere: other.url }, {});
  expectRefusal(
    await nowhere.steep('snapshot', 'delete', place, '--auto-approve'),
    'SNAPSHOT_SOURCE',
    'it is on node primary, which steep.yaml does not have',
  );
  const away = project.with({ primary: 'postgresql://127.0.0.1:1/none' });
  const unread = await away.steep('snapshot', 'delete', place, '--auto-approve');
  expect(unread.code).toBe(7);
  expect(unread.stderr).toContain('--keep-slot');

  await source.query(`INSERT INTO orders VALUES (1000, 'later')`);
  await source.query(
    `SELECT pg_replication_slot_advance('${manifest.slot}', pg_current_wal_lsn())`,
  );
  expectRefusal(
    await project.steep('snapshot', 'delete', place, '--auto-approve'),
    'SNAPSHOT_SLOT_USED',
    `was read, and is no longer at ${manifest.lsn}`,
  );
  expect(await readdir(place)).toContain('manifest.json');

  // A copy of the files, whose slot belongs to another owner business.
  const copy = join(world.backups, 'copy');
  await cp(place, copy, { recursive: true });
  const kept = await away.steep(
    'snapshot',
    'delete',
    copy,
    '--keep-slot',
    '--auto-approve',
    '--json',
  );
  expect(kept.code, kept.stderr).toBe(0);
  expect(JSON.parse(kept.stdout)).toMatchObject({
    outcome: 'deleted',
    kept_slot: manifest.slot,
    slot: null,
  });
  expect(await readdir(world.backups)).toEqual(['january']);
  expect(await slots(source)).toEqual([manifest.slot]);
});

test('what a deletion has begun, the same command finishes', async () => {
  const world = await createWorld();
  const { project, source } = world;
  const { place, manifest } = await generate(world, 'january');
  await source.query(`SELECT pg_drop_replication_slot('${manifest.slot}')`);
  await rm(join(place, 'schema.sql'));
  const again = await project.steep('snapshot', 'delete', place, '--auto-approve');
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toContain(`Slot ${manifest.slot} no longer exists on node primary.`);
  expect(await readdir(world.backups)).toEqual([]);
});

test('another run that holds the lock of the source: nothing is done', async () => {
  const world = await createWorld();
  const { project, source } = world;
  const { place, manifest } = await generate(world, 'january');
  await source.query(
    `SELECT pg_advisory_lock(('x' || encode('steeprun', 'hex'))::bit(64)::bigint)`,
  );
  const refused = await project.steep('snapshot', 'delete', place, '--auto-approve', '--json');
  expect(refused.code).toBe(5);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'RUN_LOCKED' } });
  expect(await slots(source)).toEqual([manifest.slot]);
  expect(await readdir(place)).toContain('manifest.json');
});

test('by its id, with its files gone or replaced', async () => {
  const world = await createWorld();
  const { project, source } = world;
  await installMetadata(source);
  const gone = await generate(world, 'gone');
  const replaced = await generate(world, 'replaced');
  for (const { place, manifest } of [gone, replaced]) await record(source, place, manifest);
  await rm(gone.place, { recursive: true });
  await rm(replaced.place, { recursive: true });
  const newer = await generate(world, 'replaced');
  for (const { manifest } of [gone, replaced]) {
    const result = await project.steep('snapshot', 'delete', manifest.snapshotId, '--auto-approve');
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toContain('No files: ');
  }
  expect(await slots(source)).toEqual([newer.manifest.slot]);
  expect(await readdir(newer.place)).toContain('manifest.json');
});

/** As a run leaves it that was killed before its first row. */
const begin = async ({ source, backups }: World): Promise<string> => {
  const place = join(backups, 'half');
  const session = await open(source.conninfo, 'primary');
  const storage = await openStorage(place, { create: true });
  const node = { name: 'primary', endpoint: '', conninfo: source.conninfo, session };
  try {
    await beginSnapshot({ ...node, metadata: session }, storage, {
      guard: runsAnything,
      wanted: { tables: null, schemas: null },
      publications: ['sales'],
      compression: 'none',
      slot: null,
      restart: false,
      holdMs: 60_000,
      slotTimeoutMs: 60_000,
      signal: new AbortController().signal,
      say: () => undefined,
      createdAt: new Date('2026-01-31T12:00:00Z'),
      random: source.name.slice(-8),
      lock: async () => undefined,
    });
  } finally {
    await storage.close();
    await session.close();
  }
  // Stored, and not on record yet.
  await mkdir(join(place, 'data/public.orders'), { recursive: true });
  await writeFile(join(place, 'data/public.orders/0.bin'), 'rows');
  return place;
};

test('one that was not finished: listed, and deleted with the process that holds it', async () => {
  const world = await createWorld();
  const { project, source, backups } = world;
  const place = await begin(world);
  const holders = (): Promise<readonly unknown[]> =>
    source.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^steep snapshot .* export$'`,
    );
  expect(await holders()).toHaveLength(1);
  const list = await project.steep('snapshot', 'list', backups);
  expect(list.stdout).toMatch(/^20260131_120000_\w+ +unfinished +2026-01-31T12:00:00Z +primary /m);
  expectRefusal(await project.steep('snapshot', 'show', place), 'SNAPSHOT_UNFINISHED');

  // Anyone who writes to another folder can copy the journal there: neither the process nor the slot is its own.
  const planted = join(backups, 'planted');
  await cp(place, planted, { recursive: true });
  const remove = (at: string, ...flags: readonly string[]) =>
    project.steep('snapshot', 'delete', at, '--auto-approve', ...flags);
  expectRefusal(await remove(planted), 'SNAPSHOT_SLOT_UNKNOWN');
  const journal = await readFile(join(planted, 'journal.jsonl'), 'utf8');
  await writeFile(
    join(planted, 'journal.jsonl'),
    journal.replaceAll(/"slot":"[^"]*"/g, '"slot":null'),
  );
  const other = await remove(planted, '--json');
  expect(other.code, other.stderr).toBe(0);
  expect(JSON.parse(other.stdout)).toMatchObject({ outcome: 'deleted', holder: null });
  expect(await holders()).toHaveLength(1);

  const deleted = await remove(place, '--json');
  expect(deleted.code, deleted.stderr).toBe(0);
  expect(JSON.parse(deleted.stdout)).toMatchObject({
    outcome: 'deleted',
    status: 'unfinished',
    files: { count: 2 },
    holder: { application: expect.stringContaining('export') },
    slot: { anchor: { state: 'kept' } },
  });
  await waitFor('the end of the process', async () => (await holders()).length === 0);
  expect(await slots(source)).toEqual([]);
  expect(await readdir(backups)).toEqual([]);
});
