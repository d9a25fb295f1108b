// Anyone who can write to the folder of a snapshot can name any slot and any backend there: neither is touched for it.

import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareText } from '../../../src/model/identifier.ts';
import type { SnapshotManifest } from '../../../src/model/snapshot/snapshot.ts';
import { renderManifest } from '../../../src/snapshot/manifest/manifest.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { createWorld, expectRefusal, generate, record, slots } from './commands-world.ts';

test('a slot that only the files name is dropped if the user names it, too', async () => {
  const world = await createWorld();
  const { project, source, backups } = world;
  const others = `${source.name}_other`;
  await source.query(`SELECT pg_create_logical_replication_slot('${others}', 'pgoutput')`);
  const [{ lsn } = { lsn: '' }] = await source.query<{ lsn: string }>(
    `SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = '${others}'`,
  );
  const { place, manifest } = await generate(world, 'january');
  const tamper = (change: Partial<SnapshotManifest>): Promise<void> =>
    writeFile(join(place, 'manifest.json'), renderManifest({ ...manifest, ...change }));
  const remove = (at: string, ...flags: readonly string[]) =>
    project.steep('snapshot', 'delete', at, '--auto-approve', ...flags);

  // No steep_repl: the name must be that of the snapshot.
  await tamper({ slot: others, lsn });
  expectRefusal(await remove(place), 'SNAPSHOT_SLOT_UNKNOWN', `--drop-slot ${others}`);
  expectRefusal(await remove(place, '--drop-slot', 'another'), 'SNAPSHOT_SLOT_UNKNOWN');

  // Nor is the slot of another snapshot, of which a folder elsewhere says that it is it.
  const planted = join(backups, 'planted');
  await tamper({});
  await cp(place, planted, { recursive: true });
  expectRefusal(await remove(planted), 'SNAPSHOT_SLOT_UNKNOWN', `--drop-slot ${manifest.slot}`);
  expect(await slots(source)).toEqual([others, manifest.slot].map(String).toSorted(compareText));
  await tamper({ slot: others, lsn });

  // steep_repl knows it as that of another snapshot, or of this one at another place.
  await installMetadata(source);
  await record(source, place, manifest);
  expectRefusal(await remove(place), 'another snapshot, slot or location');
  await tamper({ snapshotId: 'another' });
  expectRefusal(await remove(place), 'another snapshot, slot or location');
  await tamper({});
  const copy = join(backups, 'copy');
  await cp(place, copy, { recursive: true });
  expectRefusal(await remove(copy), 'another snapshot, slot or location');
  expect(await slots(source)).toEqual([others, manifest.slot].map(String).toSorted(compareText));
  expect(await readdir(place)).toContain('manifest.json');

  // A journal names a slot and a process: neither is ended by a run that begins again.
  const [{ backendStart, pid } = { backendStart: '', pid: 0 }] = await source.query<{
    backendStart: string;
    pid: number;
  }>(`SELECT pid, extract(epoch FROM backend_start)::text AS "backendStart" FROM pg_stat_activity
       WHERE pid = pg_backend_pid()`);
  const half = join(backups, 'half');
  await mkdir(half);
  const write = (...lines: readonly object[]): Promise<void> =>
    writeFile(
      join(half, 'journal.jsonl'),
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
  await write({ intent: { snapshot_id: 'x', slot: others } });
  expectRefusal(
    await project.steep('snapshot', 'generate', '--node', 'primary', '--output', half),
    'SNAPSHOT_SLOT_UNKNOWN',
  );
  const header = { source: { node: 'primary' }, holder: { pid, backend_start: backendStart } };
  await write({ intent: { snapshot_id: 'x', slot: null } }, { header });
  const ended = await remove(half, '--json');
  expect(ended.code, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: 'deleted', holder: null });
  expect(await source.query('SELECT pg_backend_pid() AS pid')).toEqual([{ pid }]);

  const agreed = await remove(copy, '--drop-slot', String(manifest.slot));
  expect(agreed.code, agreed.stderr).toBe(0);
  expect(await slots(source)).toEqual([others]);
  await source.query(`SELECT pg_drop_replication_slot('${others}')`);
});
