// The verdict on an edge. What is broken is never said to be well.

import { describe, expect, test } from 'vitest';
import type { InitReading } from '../../../../src/model/copy/init-reading.ts';
import type { EdgeFacts } from '../../../../src/model/edge/edge-facts.ts';
import {
  type EdgeFault,
  edgeHealth,
  type Health,
  judgeEdge,
  worstHealth,
} from '../../../../src/model/edge/edge-health.ts';
import { wellEdge } from '../../../support/plans/edges.ts';

const maxLag = 16 * 1024 ** 2;

const init = (change: Partial<InitReading>): Partial<EdgeFacts> => {
  const reading: InitReading = {
    node: 'reporting',
    subscription: 'sales',
    source: 'primary',
    method: 'two_phase',
    state: 'copying',
    error: null,
    runId: 'r',
    startedAt: '2026-01-31T12:00:00.000Z',
    completedAt: null,
    silentSeconds: 1,
    progress: null,
    ...change,
  };
  return { exists: false, enabled: false, init: reading, initState: reading.state };
};

type Row = readonly [
  what: string,
  change: Partial<EdgeFacts>,
  health: Health,
  code: EdgeFault['code'] | null,
  reason?: RegExp,
];

const waiting = { tablesReady: 6, tablesWaiting: [{ table: 'public.a', state: 'd' }] };
const holder = { pid: 4711, application: 'psql', state: 'idle in transaction', ageSeconds: 60 };
const gone = { exists: false, enabled: false, slotExists: false, initState: null };

const rows: readonly Row[] = [
  ['not there', gone, 'broken', 'SUBSCRIPTION_MISSING', /does not exist/],
  ['being copied', init({}), 'copying', 'INIT_RUNNING'],
  ['a copy that no run continues', init({ silentSeconds: 90 }), 'broken', 'INIT_INTERRUPTED'],
  ['prepared', { ...gone, slotExists: true, prepared: true }, 'copying', 'INIT_PREPARED'],
  ['prepared, and the slot is gone', { ...gone, prepared: true }, 'broken', 'SUBSCRIPTION_MISSING'],
  ['a copy that failed', init({ state: 'failed', error: 'why' }), 'broken', 'INIT_FAILED'],
  ['all is well', {}, 'ok', null],
  ['old errors do not count', { applyErrors: 3, errorsMoving: false }, 'ok', null],
  ['rows that differ', { differentTables: ['public.a'] }, 'broken', 'ROWS_DIFFER', /public\.a/],
  [
    'rows that differ, copied again',
    { ...waiting, differentTables: ['public.a'] },
    'copying',
    'TABLE_NOT_READY',
  ],
  ['no worker', { workerRunning: false }, 'broken', 'WORKER_DOWN', /worker/],
  ['slot lost, worker shown', { walStatus: 'lost' }, 'broken', 'SLOT_LOST', /slot is lost/],
  ['slot lost, disabled', { walStatus: 'lost', enabled: false }, 'broken', 'SLOT_LOST'],
  ['slot missing', { slotExists: false }, 'broken', 'SLOT_MISSING', /does not exist/],
  ['detached but enabled', { slot: null, slotExists: null }, 'broken', 'SLOT_MISSING', /no slot/],
  ['set back', { lagBytes: -8 }, 'broken', 'PUBLISHER_SET_BACK'],
  ['diverged', { initState: 'diverged' }, 'broken', 'INIT_DIVERGED'],
  ['copy failing', { ...waiting, errorsMoving: true }, 'broken', 'COPY_FAILING'],
  ['apply failing', { errorsMoving: true }, 'broken', 'APPLY_FAILING', /Apply fails/],
  ['disabled by an error', { enabled: false, applyErrors: 1 }, 'broken', 'DISABLED_BY_ERROR'],
  ['disabled against the file', { enabled: false }, 'broken', 'SUBSCRIPTION_DISABLED'],
  [
    'disabled on purpose',
    { enabled: false, wantedDisabled: true },
    'disabled',
    'SUBSCRIPTION_DISABLED',
  ],
  [
    'publication gone, the worker tries again and again',
    { missingPublications: ['sales'], workerRunning: false },
    'broken',
    'PUBLICATION_MISSING',
    /does not have .* publication sales\./,
  ],
  [
    'publication newer than the slot',
    { tooNewPublications: ['sales'], errorsMoving: true },
    'broken',
    'PUBLICATION_TOO_NEW',
    /publication sales did not exist yet/,
  ],
  [
    'table not published',
    { unpublishedTables: ['public.a'] },
    'broken',
    'TABLE_UNPUBLISHED',
    /published: public\.a\./,
  ],
  [
    'table not subscribed',
    { unknownTables: ['public.a'] },
    'broken',
    'TABLE_NOT_SUBSCRIBED',
    /not have: public\.a\./,
  ],
  [
    'table dropped on the subscriber',
    { unknownTables: ['public.a'], missingTables: ['public.a'] },
    'broken',
    'TARGET_MISSING',
    /does not have: public\.a\./,
  ],
  ['reads from another server', { readsElsewhere: true }, 'broken', 'READS_ELSEWHERE'],
  ['copying', waiting, 'copying', 'TABLE_NOT_READY', /not done yet/],
  ['no worker copies', { ...waiting, copyIdle: true }, 'broken', 'COPY_WITHOUT_WORKER'],
  [
    'waits for a lock',
    { stalled: true, workerIdle: false, blockers: [holder] },
    'lagging',
    'APPLY_WAITS_FOR_LOCK',
    /session 4711 \(psql\), idle in transaction since 60 s/,
  ],
  [
    'waits for a standby',
    { stalled: true, senderWait: 'WaitForStandbyConfirmation' },
    'broken',
    'SENDER_WAITS_FOR_STANDBY',
  ],
  ['nothing is sent', { stalled: true, workerIdle: true }, 'broken', 'SENDER_STALLED'],
  ['nothing is confirmed', { stalled: true, workerIdle: false }, 'lagging', 'APPLY_STALLED'],
  ['nothing is confirmed, unseen', { stalled: true, workerIdle: null }, 'lagging', 'APPLY_STALLED'],
  ['updates were skipped', { skippedChanges: 2 }, 'broken', 'CHANGES_SKIPPED', /skipped 2 updates/],
  ['lagging', { lagBytes: maxLag + 1 }, 'lagging', 'LAG_ABOVE_POLICY', /max_lag/],
  ['at the bound', { lagBytes: maxLag }, 'ok', null],
  ['lag unknown', { lagBytes: null }, 'unknown', 'LAG_UNKNOWN'],
  ['publisher not read', { slotExists: null, lagBytes: null }, 'unknown', 'PUBLISHER_UNREAD'],
  [
    'subscriber not read: not disabled',
    { exists: null, enabled: null, workerRunning: null },
    'unknown',
    'SUBSCRIBER_UNREAD',
    /subscriber/,
  ],
];

test('all that is wrong is known, and what explains the rest comes first', () => {
  const edge = {
    ...wellEdge,
    missingPublications: ['sales'],
    workerRunning: false,
    lagBytes: null,
  };
  expect(edgeHealth(edge, maxLag).map(({ code }) => code)).toEqual([
    'PUBLICATION_MISSING',
    'WORKER_DOWN',
    'LAG_UNKNOWN',
  ]);
  expect(edgeHealth(wellEdge, maxLag)).toEqual([]);
});

test.each(
  rows.map(([what, change, health, code, reason = null]) => ({
    what,
    change,
    health,
    code,
    reason,
  })),
)('$what', ({ change, health, code, reason }) => {
  const verdict = judgeEdge({ ...wellEdge, ...change }, maxLag);
  expect({ health: verdict.health, code: verdict.code }).toEqual({ health, code });
  if (reason !== null) expect(verdict.reason).toMatch(reason);
  if (code === null) expect(verdict.reason).toBeNull();
  if (health === 'broken') expect(verdict.cure).not.toHaveLength(0);
});

describe('overall', () => {
  test('is the worst of all', () => {
    expect(worstHealth(['ok', 'copying', 'broken', 'unknown'])).toBe('broken');
    expect(worstHealth(['ok', 'unknown', 'lagging'])).toBe('unknown');
    expect(worstHealth([])).toBe('ok');
  });
});
