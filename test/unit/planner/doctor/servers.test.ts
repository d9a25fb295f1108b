// The server, its clock and texts, its slots and its published tables.

import { expect, test } from 'vitest';
import { examine } from '../../../../src/planner/doctor/examine.ts';
import { doctorWorld } from '../../../support/plans/doctor-facts.ts';
import {
  type Change,
  desired,
  findingsOf,
  onServer,
  primary,
  reporting,
  slot,
  testRows,
} from '../../../support/servers/doctor-rows.ts';
import { table } from '../../../support/worlds/worlds.ts';

const gigabytes = 1024 ** 3;

const ofSnapshot =
  (rest: Parameters<typeof slot>[0]): Change =>
  (node) => {
    const changed = slot({ name: 'anchor', active: false, ...rest })(node);
    const snapshotSlots = [{ slot: 'anchor', snapshotId: 'january' }];
    return { ...changed, state: { ...changed.state, snapshotSlots } };
  };

testRows([
  [
    'an old minor release',
    'primary',
    onServer({ versionNumber: 160001 }),
    'version',
    'warning',
    /bug that 16\.\d+ fixed/,
  ],
  ['a pooler', 'primary', onServer({ pooled: true }), 'pooler', 'error', /pooler/],
  ['a lost slot', 'primary', slot({ walStatus: 'lost' }), 'slot', 'error', /is lost/],
  [
    'an invalidated slot',
    'primary',
    slot({ invalidation: 'idle_timeout' }),
    'slot',
    'error',
    /idle_timeout/,
  ],
  [
    'a slot about to be lost',
    'primary',
    slot({ walStatus: 'unreserved' }),
    'slot',
    'error',
    /next checkpoint/,
  ],
  [
    'a lost slot of another user',
    'primary',
    slot({ name: "o'x", walStatus: 'lost' }),
    'slot',
    'warning',
    /is lost/,
    "SELECT pg_catalog.pg_drop_replication_slot('o''x');",
  ],
  [
    'a slot that nobody reads',
    'primary',
    slot({ active: false, retainedBytes: 5 * gigabytes }),
    'slot',
    'warning',
    /5.0 GB/,
  ],
  [
    'a slot that waits for a snapshot',
    'primary',
    ofSnapshot({ retainedBytes: 5 * gigabytes }),
    'slot',
    'warning',
    /keeps 5.0 GB of WAL for nodes that start from snapshot january/,
    'steep snapshot delete january --node primary',
  ],
  ['one that keeps little WAL', 'primary', ofSnapshot({}), 'slot', 'ok', /none at risk/],
  [
    'one that is lost',
    'primary',
    ofSnapshot({ walStatus: 'lost' }),
    'slot',
    'warning',
    /no subscription can start from the snapshot any more/,
    'steep snapshot delete january --node primary',
  ],
  [
    'one that is about to be lost',
    'primary',
    ofSnapshot({ walStatus: 'unreserved' }),
    'slot',
    'warning',
    /for snapshot january, more than max_slot_wal_keep_size/,
    'SELECT pg_catalog.pg_reload_conf();',
  ],
  [
    'a table without identity',
    'primary',
    (node) => ({
      ...node,
      state: { ...node.state, tables: [table('orders', { identityColumns: null })] },
    }),
    'replica_identity',
    'error',
    /UPDATE and DELETE of it fail/,
    'ALTER TABLE public.orders REPLICA IDENTITY FULL;',
  ],
  [
    'standbys without the slot',
    'primary',
    onServer({ physicalStandbys: 2 }),
    'failover_slots',
    'warning',
    /after a promotion/,
  ],
  [
    'a clock ahead',
    'primary',
    (node) => ({ ...node, clock: { aheadMs: 7300, uncertaintyMs: 2 } }),
    'clock',
    'warning',
    /7.3 s ahead/,
  ],
  [
    'a slow answer proves nothing',
    'primary',
    (node) => ({ ...node, clock: { aheadMs: 2500, uncertaintyMs: 900 } }),
    'clock',
    'ok',
    /agrees/,
  ],
  [
    'characters that do not fit',
    'reporting',
    onServer({ encoding: 'LATIN1' }),
    'encoding',
    'warning',
    /does not exist in LATIN1/,
  ],
  [
    'another order of text',
    'reporting',
    (node) => ({ ...node, locale: { provider: 'icu', collate: 'C', ctype: 'C', locale: 'de' } }),
    'collation',
    'ok',
    /icu de here but by libc C/,
  ],
]);

test('in full health nothing is wrong', () => {
  for (const name of ['primary', 'reporting']) {
    const found = findingsOf(name, primary, reporting);
    expect(found.filter(({ status, check }) => status !== 'ok' && check !== 'pg_hba')).toEqual([]);
  }
});

test('a node that could not be read is never well', () => {
  const { live, facts } = doctorWorld(desired, primary);
  const report = examine({ desired, live, facts, edges: [] });
  expect(report.nodes[1]).toMatchObject({ readable: false, findings: [{ status: 'error' }] });
});
