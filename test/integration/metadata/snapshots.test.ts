// What a source remembers of its snapshots: written while one is made, read by people in SQL and by steep.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  readSnapshotRecords,
  readSnapshotSlots,
  readSnapshotsUnderWay,
} from '../../../src/catalog/copies/read-snapshots.ts';
import { forgetFormer } from '../../../src/metadata/former-nodes.ts';
import {
  recordSnapshotDeleted,
  recordSnapshotEnd,
  recordSnapshotProgress,
  recordSnapshotStart,
} from '../../../src/metadata/snapshots.ts';
import { metadataVersion } from '../../../src/model/state/metadata-version.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { snapshotManifest } from '../../support/worlds/snapshots.ts';
import { installMetadata } from '../catalog/metadata.ts';

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = await cluster.database(newestMajor);
  await installMetadata(database);
  session = await openSession(database.conninfo, { node: 'n', applicationName: 'steep s' });
});
afterAll(() => session.close());
beforeEach(() => database.query('TRUNCATE steep_repl.snapshots'));

const of = { snapshotId: 'orders_1', runId: 'run-1' };
const started = {
  ...of,
  node: 'primary',
  slot: 'steep_snapshot_orders_1',
  lsn: null,
  location: 's3://backups/orders',
  compression: 'zstd:3',
  publications: ['orders'],
};
const halfway = {
  phase: 'reading rows',
  tablesTotal: 2,
  tablesDone: 1,
  rows: 1000,
  bytesTotal: 4000,
  bytesDone: 1000,
  storedBytes: 250.4,
};

const status = async (): Promise<unknown> =>
  (await database.query('SELECT status FROM steep_repl.snapshots'))[0];

test('a snapshot from its start to its end, in steep and in SQL', async () => {
  await recordSnapshotStart(session, started);
  await recordSnapshotStart(session, { ...started, lsn: '0/3000000' });
  await recordSnapshotProgress(session, of, halfway);
  const [seen] = await readSnapshotRecords(session, metadataVersion);
  expect(seen).toMatchObject({
    snapshotId: 'orders_1',
    node: 'primary',
    lsn: '0/3000000',
    location: 's3://backups/orders',
    status: 'generating',
    ...halfway,
    storedBytes: 250,
    publications: ['orders'],
    summary: null,
    completedAt: null,
  });
  expect(
    await database.query(`SELECT status, phase, percent::float8, eta > '0' AS "etaKnown", steep_repl.is_operation_active() AS active
                            FROM steep_repl.snapshot_progress('orders_1')`),
  ).toEqual([
    { status: 'generating', phase: 'reading rows', percent: 25, etaKnown: true, active: true },
  ]);

  const manifest = snapshotManifest({ snapshotId: 'orders_1', lsn: '0/3000000' });
  await recordSnapshotEnd(session, of, { outcome: 'complete', manifest });
  const [ended] = await readSnapshotRecords(session, metadataVersion);
  expect(ended).toMatchObject({
    status: 'complete',
    phase: null,
    slot: manifest.slot,
    tablesDone: manifest.tables.length,
    summary: { tables: [{ table: 'public.orders', rows: 3, bytes: 90, storedBytes: 60 }] },
    completedAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(
    await database.query(`SELECT percent::float8, manifest -> 'tables' -> 0 ->> 'stored_bytes' AS stored, steep_repl.is_operation_active() AS active
                            FROM steep_repl.snapshot_progress('orders_1') JOIN steep_repl.snapshots USING (snapshot_id)`),
  ).toEqual([{ percent: 100, stored: '60', active: false }]);

  await recordSnapshotDeleted(session, of);
  await recordSnapshotDeleted(session, of);
  expect(await status()).toEqual({ status: 'deleted' });
  expect(
    await database.query(
      `SELECT event FROM steep_repl.audit_log WHERE subject = 'orders_1' ORDER BY id`,
    ),
  ).toEqual(
    ['started', 'started', 'completed', 'deleted'].map((what) => ({ event: `snapshot.${what}` })),
  );
});

test('onlookers are woken, and see what is being made', async () => {
  const listener = await openSession(database.conninfo, { node: 'n', applicationName: 'steep l' });
  let heard = 0;
  await listener.listen('steep_repl_progress', () => {
    heard += 1;
  });
  const next = (what: string) => {
    const before = heard;
    return () => waitFor(`a notification of ${what}`, async () => heard > before);
  };
  const begun = next('its beginning');
  await recordSnapshotStart(session, started);
  await begun();
  const moved = next('its progress');
  await recordSnapshotProgress(session, of, halfway);
  await moved();
  const { storedBytes: _, ...shown } = halfway;
  expect(await readSnapshotsUnderWay(session, metadataVersion)).toMatchObject([
    { snapshotId: 'orders_1', node: 'primary', silent: false, ...shown },
  ]);
  const ended = next('its end');
  await recordSnapshotEnd(session, of, { outcome: 'failed', error: 'the disk is full' });
  await ended();
  expect(await readSnapshotsUnderWay(session, metadataVersion)).toEqual([]);
  await listener.close();
});

test('a run that gave up, and another that continues', async () => {
  await recordSnapshotStart(session, { ...started, lsn: '0/3000000' });
  await recordSnapshotEnd(session, of, { outcome: 'failed', error: 'no room' });
  expect((await readSnapshotRecords(session, metadataVersion))[0]).toMatchObject({
    status: 'failed',
    error: 'no room',
  });
  // A late word of the run that failed.
  await recordSnapshotProgress(session, of, halfway);
  expect((await readSnapshotRecords(session, metadataVersion))[0]).toMatchObject({ tablesDone: 0 });

  await recordSnapshotStart(session, { ...started, runId: 'run-2' });
  await recordSnapshotProgress(session, of, halfway);
  expect((await readSnapshotRecords(session, metadataVersion))[0]).toMatchObject({
    status: 'generating',
    lsn: '0/3000000',
    error: null,
    tablesDone: 0,
  });
});

test('a run that is silent for a minute was stopped', async () => {
  await recordSnapshotStart(session, started);
  const read = async () => (await readSnapshotRecords(session, metadataVersion))[0];
  expect(await read()).toMatchObject({ status: 'generating', silent: false });
  await database.query(`UPDATE steep_repl.snapshots SET updated_at = now() - interval '2 minutes'`);
  expect(await read()).toMatchObject({ status: 'generating', silent: true });
  expect(await database.query('SELECT steep_repl.is_operation_active() AS it')).toEqual([
    { it: false },
  ]);
});

test('slots that wait for snapshots are known until those are deleted', async () => {
  await recordSnapshotStart(session, { ...started, lsn: '0/3000000' });
  await recordSnapshotStart(session, { ...started, snapshotId: 'other', slot: null });
  const slot = { slot: 'steep_snapshot_orders_1', snapshotId: 'orders_1' };
  expect(await readSnapshotSlots(session, metadataVersion)).toEqual([slot]);
  await recordSnapshotEnd(session, of, { outcome: 'failed', error: 'no room' });
  expect(await readSnapshotSlots(session, metadataVersion)).toEqual([slot]);
  await recordSnapshotDeleted(session, of);
  expect(await readSnapshotSlots(session, metadataVersion)).toEqual([]);
});

test('a physical copy forgets the snapshots of the node that it was made of', async () => {
  await recordSnapshotStart(session, started);
  await recordSnapshotStart(session, { ...started, snapshotId: 'own', node: 'copy' });
  await forgetFormer(session, 'copy', ['primary'], 'run-2');
  expect(await readSnapshotRecords(session, metadataVersion)).toMatchObject([
    { snapshotId: 'own' },
  ]);
});

test('wait_snapshot waits until it is over, and no longer than it may', async () => {
  const wait = (timeout: string): Promise<unknown> =>
    database.query(`SELECT steep_repl.wait_snapshot('orders_1', '${timeout}') AS it`);
  await expect(wait('1 s')).rejects.toThrow('there is no snapshot orders_1');
  await recordSnapshotStart(session, started);
  expect(await wait('0 s')).toEqual([{ it: 'generating' }]);
  expect(await wait('10 ms')).toEqual([{ it: 'generating' }]);

  const waiting = wait('1 h');
  await waitFor('a waiting function', async () => {
    const rows = await session.query(sql`
      SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query ~ 'wait_snapshot' AND datname = current_database()`);
    return rows.length > 0;
  });
  await recordSnapshotEnd(session, of, { outcome: 'failed', error: 'no room' });
  expect(await waiting).toEqual([{ it: 'failed' }]);

  await expect(
    session.transaction({ isolation: 'repeatable read' }, () =>
      session.query(sql`SELECT steep_repl.wait_snapshot('orders_1', '1 s')`),
    ),
  ).rejects.toThrow('sees nothing new in a transaction that is repeatable read');
});

test('where steep_repl is not there, nothing is on record', async () => {
  const bare = await cluster.database(newestMajor);
  const own = await openSession(bare.conninfo, { node: 'n', applicationName: 'steep s' });
  try {
    const manifest = snapshotManifest();
    await recordSnapshotStart(own, started);
    await recordSnapshotProgress(own, of, halfway);
    await recordSnapshotEnd(own, of, { outcome: 'complete', manifest });
    await recordSnapshotDeleted(own, of);
    expect(await readSnapshotRecords(own, 0)).toEqual([]);
  } finally {
    await own.close();
  }
});
