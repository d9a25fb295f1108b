// A snapshot of one database of a test, and its way into another, without the ceremony.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runsAnything } from '../../../src/copy/check/code-guard.ts';
import type { CopyResult } from '../../../src/copy/copy-request.ts';
import type { QualifiedName } from '../../../src/model/identifier.ts';
import { checkpointsKeyOf, type SnapshotReport } from '../../../src/model/snapshot/snapshot.ts';
import { type LoadRequest, loadFiles } from '../../../src/snapshot/load.ts';
import { readManifest } from '../../../src/snapshot/manifest/read-manifest.ts';
import { openStorage } from '../../../src/snapshot/storage/open-storage.ts';
import type { Storage } from '../../../src/snapshot/storage/storage.ts';
import type { RuntimeEnvironment } from '../../../src/workflows/runtime-environment.ts';
import {
  type GenerateSnapshotRequest,
  generate,
} from '../../../src/workflows/snapshot/snapshot-generate.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { usualSnapshot } from '../../support/worlds/snapshot-request.ts';
import {
  type CopyStage,
  endless,
  type Later,
  open,
  publication,
  smallTuning,
} from '../copy/copy-under-test.ts';

export const runtime: RuntimeEnvironment = {
  steepVersion: '0.1.0',
  user: 'test',
  hostname: 'localhost',
  environment: {},
  now: () => new Date(),
  clock: () => performance.now(),
};

/** Gone after the test. */
export async function newDirectory(later: Later = onTestFinished): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'steep-snapshot-'));
  later(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Slots live longer than databases: a database with one cannot be dropped. */
export const dropSnapshotSlots = (source: TestDatabase): Promise<unknown> =>
  source.query(
    `SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.application_name LIKE 'steep snapshot%';
     SELECT pg_sleep(0.2);
     SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
      WHERE database = current_database() AND NOT active`,
  );

export async function takeSnapshot(
  { source, slot }: CopyStage,
  location: string,
  changes: Partial<GenerateSnapshotRequest> = {},
  later: Later = onTestFinished,
): Promise<SnapshotReport> {
  later(async () => void (await dropSnapshotSlots(source)));
  const result = await generate(
    {
      ...usualSnapshot(),
      file: 'none',
      node: { node: null, connection: source.url, as: 'source' },
      publications: [publication],
      location,
      compression: 'none',
      jobs: 3,
      slot: `${slot}_anchor`,
      tuning: smallTuning,
      ...changes,
    },
    runtime,
  );
  if (result.outcome !== 'read') throw new Error(JSON.stringify(result.diagnostics));
  return result.report;
}

/** Loads all tables of the snapshot, or these. */
export async function load(
  { target }: CopyStage,
  location: string,
  tables?: readonly QualifiedName[],
  changes: Partial<LoadRequest> = {},
): Promise<CopyResult> {
  const storage: Storage = await openStorage(location, { create: false });
  try {
    const manifest = await readManifest(storage);
    return await loadFiles({
      node: 'target',
      storage,
      manifest,
      checkpointsKey: checkpointsKeyOf(manifest.snapshotId),
      tables: tables ?? manifest.tables.map(({ schema, name }) => ({ schema, name })),
      runId: 'run-1',
      workers: 3,
      openTarget: () => open(target.conninfo, 'target'),
      signal: new AbortController().signal,
      clock: () => performance.now(),
      sleep: (ms) => delay(ms),
      locks: endless,
      guard: runsAnything,
      onProgress: () => undefined,
      onVerify: () => undefined,
      onTable: () => undefined,
      tuning: smallTuning,
      ...changes,
    });
  } finally {
    await storage.close();
  }
}

/** A subscription that begins where the snapshot ends: on a copy of its slot. */
export async function follow({ source, target, slot }: CopyStage): Promise<void> {
  await source.query(`SELECT pg_copy_logical_replication_slot('${slot}_anchor', '${slot}')`);
  await target.query(
    `CREATE SUBSCRIPTION sub CONNECTION '${source.conninfo.text.replaceAll("'", "''")}'
       PUBLICATION ${publication} WITH (copy_data = false, create_slot = false, slot_name = '${slot}')`,
  );
}
