// Snapshots for people: what is wrong with one must be seen, without colour too; what goes must be seen before it goes.

import { expect, test } from 'vitest';
import {
  renderDeleted,
  renderDeletion,
} from '../../../../../src/cli/render/snapshot/render-snapshot-delete.ts';
import { renderSnapshots } from '../../../../../src/cli/render/snapshot/render-snapshots.ts';
import { plainStyle } from '../../../../../src/cli/render/style.ts';
import {
  type AnchorSlot,
  anchorReport,
  type Deletion,
  entryOfManifest,
  newestFirst,
  type SnapshotEntry,
} from '../../../../../src/model/snapshot/snapshot-report.ts';
import { snapshotManifest } from '../../../../support/worlds/snapshots.ts';

const lsn = '0/3000000';

const slot = (rest: Partial<AnchorSlot> = {}): AnchorSlot => ({
  name: 'anchor',
  active: false,
  walStatus: 'reserved',
  confirmedFlushLsn: lsn,
  retainedBytes: 2048,
  ...rest,
});

const entry = (rest: Partial<SnapshotEntry> = {}): SnapshotEntry => ({
  ...entryOfManifest(snapshotManifest({ slot: 'anchor', lsn }), '/backups/sales'),
  ...rest,
});

const onRecord = (found: AnchorSlot | null): string =>
  renderSnapshots(
    { location: null, snapshots: [entry({ anchor: anchorReport(found, lsn) })] },
    plainStyle,
  );

test('a list of what is on record', () => {
  expect(onRecord(slot())).toBe(
    [
      'snapshot  status    made                  source   LSN        tables  rows  size      stored    compression  slot    WAL kept           location',
      'orders_1  complete  2026-01-31T12:00:00Z  primary  0/3000000  1       3     90 bytes  60 bytes  none         anchor  2.0 kB (reserved)  /backups/sales',
      '',
      '1 snapshot on record.',
    ].join('\n'),
  );
});

test.each([
  ['dropped', null, '(MISSING)', 'no longer exists: no subscription can start'],
  ['lost', slot({ walStatus: 'lost' }), '(LOST)', 'is lost: the server has removed WAL'],
  ['read', slot({ confirmedFlushLsn: '0/4000000' }), '(MOVED)', `is no longer at ${lsn}`],
  ['being read', slot({ active: true }), '(ACTIVE)', 'is being read by another session'],
  ['about to be lost', slot({ walStatus: 'unreserved' }), 'anchor', 'at the next checkpoint'],
])('a slot that is %s', (_case, found, word, note) => {
  expect(onRecord(found)).toContain(word);
  expect(onRecord(found)).toContain(note);
});

test('newest first; what cannot be read comes last, with the reason', () => {
  const damaged = entry({
    snapshotId: null,
    status: 'damaged',
    createdAt: null,
    location: '/a\u001b[2J',
    error: 'no JSON',
  });
  const snapshots = newestFirst([
    damaged,
    entry({ snapshotId: 'old', createdAt: '2025-01-01T00:00:00Z' }),
    entry({ snapshotId: 'new' }),
  ]);
  const text = renderSnapshots({ location: '/', snapshots }, plainStyle);
  expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'snapshot',
    'new',
    'old',
    '-',
    '',
    '/a\\x1b[2J:',
    '',
    '3',
  ]);
  expect(text).toContain('DAMAGED');
  expect(text).not.toContain('\u001b');
});

const deletion: Deletion = {
  snapshotId: 'orders_1',
  location: '/backups/sales',
  status: 'complete',
  createdAt: null,
  lsn,
  files: { count: 4, bytes: 2048 },
  foreignFiles: [],
  slot: { name: 'anchor', node: 'primary', anchor: anchorReport(slot(), lsn) },
  keptSlot: null,
  holder: null,
};

test('what a deletion takes away', () => {
  expect(renderDeletion(deletion, plainStyle)).toBe(
    [
      'Snapshot orders_1 (complete)',
      '  - 4 files, 2.0 kB, in /backups/sales',
      '  - slot anchor on node primary, at 0/3000000, holds 2.0 kB of WAL: afterwards no subscription can start from this snapshot or from a copy of its files',
      '    Copies of the slot for subscriptions are kept.',
      '',
    ].join('\n'),
  );
});

test.each<readonly [Partial<Deletion>, string]>([
  [{ files: null }, 'No files: it cannot be verified that files in /backups/sales'],
  [{ slot: null, keptSlot: 'anchor' }, 'Slot anchor is kept, and keeps WAL.'],
  [
    { slot: { name: 'anchor', node: 'primary', anchor: anchorReport(null, lsn) } },
    'Slot anchor no longer exists on node primary.',
  ],
  [{ lsn: null }, 'at a position that was not recorded'],
  [
    { holder: { pid: 7, application: 'steep' } },
    '- backend 7 (steep), which still holds its exported snapshot',
  ],
  [
    { foreignFiles: Array.from({ length: 22 }, (_none, index) => `notes ${index}`) },
    'Not part of this snapshot, and kept:\n  notes 0\n',
  ],
])('%o', (rest, words) => {
  expect(renderDeletion({ ...deletion, ...rest }, plainStyle)).toContain(words);
});

test('how it ended', () => {
  const ended = { ...deletion, outcome: 'deleted' as const };
  expect(renderDeleted(ended)).toBe('Snapshot orders_1 is deleted.');
  expect(renderDeleted({ ...ended, foreignFiles: ['a'] })).toContain('1 file of something else');
  expect(renderDeleted({ ...ended, outcome: 'declined' })).toBe('Declined: nothing was changed.');
});
