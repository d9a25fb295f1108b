// Limits and settings: used, needed and allowed, and how each is raised.

import { expect, test } from 'vitest';
import {
  findingsOf,
  onServer,
  onSettings,
  primary,
  reporting,
  testRows,
} from '../../../support/servers/doctor-rows.ts';

testRows([
  [
    'wal_level on the publisher',
    'primary',
    onSettings({ wal_level: 'replica' }),
    'wal_level',
    'error',
    /needs logical/,
    "ALTER SYSTEM SET wal_level = 'logical';",
  ],
  [
    'wal_level where nothing is published',
    'reporting',
    onSettings({ wal_level: 'replica' }),
    'wal_level',
    'ok',
    /nothing is published/,
  ],
  [
    'no slot left',
    'primary',
    onSettings({ max_replication_slots: 0 }),
    'max_replication_slots',
    'error',
    /1 needed/,
    'ALTER SYSTEM SET max_replication_slots = 2;',
  ],
  [
    'no slot left for the initial copy',
    'primary',
    onSettings({ max_replication_slots: 1 }),
    'max_replication_slots',
    'warning',
    /wait for others/,
  ],
  [
    'no walsender left',
    'primary',
    (node) => ({ ...node, usage: { ...node.usage, senders: 10 } }),
    'max_wal_senders',
    'error',
    /10 used now, 11 needed/,
  ],
  [
    'a worker, but none for copies',
    'reporting',
    onSettings({ max_logical_replication_workers: 1 }),
    'max_logical_replication_workers',
    'error',
    /2 needed/,
  ],
  [
    'no room for background workers',
    'reporting',
    (node) => ({ ...node, usage: { ...node.usage, background: 11 } }),
    'max_worker_processes',
    'error',
    /13 needed/,
  ],
  [
    'no origin left',
    'reporting',
    onSettings({ max_active_replication_origins: 0 }),
    'max_active_replication_origins',
    'error',
    /1 needed/,
  ],
  [
    'no table synchronization at all',
    'reporting',
    onSettings({ max_sync_workers_per_subscription: 0 }),
    'max_sync_workers_per_subscription',
    'error',
    /1 needed/,
  ],
  [
    'idle slots are invalidated',
    'primary',
    onSettings({ idle_replication_slot_timeout: 60 }),
    'idle_replication_slot_timeout',
    'warning',
    /invalidated/,
  ],
  [
    'vanished subscribers are not noticed',
    'primary',
    onSettings({ wal_sender_timeout: 0 }),
    'wal_sender_timeout',
    'warning',
    /cannot reconnect/,
    'SELECT pg_catalog.pg_reload_conf();',
  ],
]);

test('nodes of one cluster share its limits', () => {
  const one = onServer({ systemIdentifier: '1' });
  const tight = onSettings({ max_worker_processes: 2 });
  const both = [tight(one(primary)), tight(one(reporting))];
  for (const name of ['primary', 'reporting']) {
    const found = findingsOf(name, ...both).find(({ check }) => check === 'max_worker_processes');
    expect(found).toMatchObject({ status: 'error', message: expect.stringContaining('3 needed') });
  }
});
