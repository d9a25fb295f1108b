// Manifests of snapshots as values, with everything that a test does not care about filled in.

import type { SnapshotManifest, SnapshotTable } from '../../../src/model/snapshot/snapshot.ts';

const hash = 'a'.repeat(64);

const snapshotTable = (rest: Partial<SnapshotTable> = {}): SnapshotTable => ({
  schema: 'public',
  name: 'orders',
  columns: [{ name: 'id', wire: 'int8' }],
  filter: null,
  format: 'binary',
  strictFingerprint: 'sha256:1',
  replicationFingerprint: 'sha256:2',
  rows: 3,
  bytes: 90,
  size: 8192,
  chunks: [
    {
      file: 'data/public.orders/0.bin',
      heap: { schema: 'public', name: 'orders' },
      fromBlock: 0,
      toBlock: null,
      rows: 3,
      bytes: 90,
      sha256: hash,
      storedBytes: 60,
      storedSha256: hash,
    },
  ],
  ...rest,
});

export const snapshotManifest = (rest: Partial<SnapshotManifest> = {}): SnapshotManifest => ({
  formatVersion: 1,
  steepVersion: '0.0.0',
  snapshotId: 'orders_1',
  createdAt: '2026-01-31T12:00:00.000Z',
  source: {
    node: 'primary',
    systemIdentifier: '7710123456789012245',
    timeline: 1,
    database: 'app',
    serverVersion: 180004,
    encoding: 'UTF8',
  },
  slot: 'steep_snapshot_orders_1',
  lsn: '0/3000000',
  publications: ['orders'],
  compression: 'none',
  tables: [snapshotTable()],
  foreignKeys: [],
  schema: { bytes: 0, sha256: hash },
  sequences: { bytes: 0, sha256: hash },
  ...rest,
});
