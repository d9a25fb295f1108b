// A node with two tables to take snapshots of, and a folder to put them into.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { recordSnapshotEnd, recordSnapshotStart } from '../../../src/metadata/snapshots.ts';
import type { SnapshotManifest } from '../../../src/model/snapshot/snapshot.ts';
import { parseManifest } from '../../../src/snapshot/manifest/manifest.ts';
import type { CliResult } from '../../support/cli.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { open } from '../copy/copy-under-test.ts';
import { dropSnapshotSlots, newDirectory } from './snapshot-under-test.ts';

export interface World {
  readonly project: Project;
  readonly source: TestDatabase;
  /** A folder that may hold snapshots. */
  readonly backups: string;
}

export const createWorld = async (): Promise<World> => {
  const source = await cluster.database(newestMajor);
  onTestFinished(async () => void (await dropSnapshotSlots(source)));
  await source.query(`
    CREATE TABLE orders (id int PRIMARY KEY, note text);
    INSERT INTO orders SELECT n, 'note ' || n FROM generate_series(1, 100) n;
    CREATE TABLE empty (id int PRIMARY KEY);
    CREATE PUBLICATION sales FOR TABLE orders, empty`);
  return {
    source,
    project: await createProject({ primary: source.url }, {}),
    backups: await newDirectory(),
  };
};

export const readMade = async (place: string): Promise<SnapshotManifest> =>
  parseManifest(await readFile(join(place, 'manifest.json'), 'utf8'), place);

export const generate = async (
  { project, backups }: World,
  name: string,
  ...flags: readonly string[]
): Promise<{ readonly place: string; readonly manifest: SnapshotManifest }> => {
  const place = join(backups, name);
  const args = ['--node', 'primary', '--publication', 'sales', '--output', place, ...flags];
  const made = await project.steep('snapshot', 'generate', ...args);
  expect(made.code, made.stderr).toBe(0);
  return { place, manifest: await readMade(place) };
};

/** As a run that records what it does. */
export const record = async (
  source: TestDatabase,
  place: string,
  manifest: SnapshotManifest,
): Promise<void> => {
  const session = await open(source.conninfo, 'primary');
  const { snapshotId, slot, lsn, compression, publications } = manifest;
  const of = { snapshotId, runId: 'run-1' };
  try {
    await recordSnapshotStart(session, {
      ...of,
      node: 'primary',
      slot,
      lsn,
      location: place,
      compression,
      publications,
    });
    await recordSnapshotEnd(session, of, { outcome: 'complete', manifest });
  } finally {
    await session.close();
  }
};

export const slots = async (source: TestDatabase): Promise<readonly unknown[]> =>
  (
    await source.query<{ name: string }>(
      'SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database() ORDER BY 1',
    )
  ).map(({ name }) => name);

export const expectRefusal = (
  { code, stdout, stderr }: CliResult,
  ...words: readonly string[]
): void => {
  expect(code, stdout + stderr).toBe(3);
  for (const word of words) expect(stderr).toContain(word);
};
