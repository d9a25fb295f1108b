// The verdict on an edge, and how it looks. What is broken is never said to be well.

import { describe, expect, test } from 'vitest';
import { renderStatus } from '../../../../src/cli/render/render-status.ts';
import { plainStyle } from '../../../../src/cli/render/style.ts';
import { type EdgeFacts, type Health, worstHealth } from '../../../../src/model/report/status.ts';
import { edgeHealth, judgeEdge } from '../../../../src/model/state/edge-health.ts';

const maxLag = 16 * 1024 ** 2;

const well: EdgeFacts = {
  subscription: 'sales',
  source: 'primary',
  node: 'reporting',
  exists: true,
  enabled: true,
  workerRunning: true,
  slot: 'sales',
  slotExists: true,
  walStatus: 'reserved',
  lagBytes: 1024,
  retainedBytes: 16_777_216,
  tablesReady: 7,
  tablesTotal: 7,
  applyErrors: 0,
  syncErrors: 0,
  errorsMoving: false,
  disablesOnError: true,
  wantedDisabled: false,
  missingPublications: [],
  tooNewPublications: [],
  unpublishedTables: [],
  unknownTables: [],
  initState: 'synchronized',
  init: null,
};

type Row = readonly [
  what: string,
  change: Partial<EdgeFacts>,
  health: Health,
  reason: RegExp | null,
];

const rows: readonly Row[] = [
  ['not there', { exists: false }, 'broken', /does not exist/],
  ['all is well', {}, 'ok', null],
  ['old errors do not count', { applyErrors: 3, errorsMoving: false }, 'ok', null],
  ['no worker', { workerRunning: false }, 'broken', /worker/],
  ['slot lost, worker shown', { walStatus: 'lost' }, 'broken', /slot is lost/],
  ['slot lost, disabled', { walStatus: 'lost', enabled: false }, 'broken', /slot is lost/],
  ['slot missing', { slotExists: false }, 'broken', /does not exist/],
  ['detached but enabled', { slot: null, slotExists: null }, 'broken', /no slot/],
  ['copy failing', { tablesReady: 6, errorsMoving: true }, 'broken', /copy of a table fails/],
  ['apply failing', { errorsMoving: true }, 'broken', /Apply fails/],
  ['disabled by an error', { enabled: false, applyErrors: 1 }, 'broken', /by an error/],
  ['disabled against the file', { enabled: false }, 'broken', /steep.yaml wants/],
  ['disabled on purpose', { enabled: false, wantedDisabled: true }, 'disabled', /disabled/],
  [
    'publication gone, the worker tries again and again',
    { missingPublications: ['sales'], workerRunning: false },
    'broken',
    /does not have .* publication sales\./,
  ],
  [
    'publication newer than the slot',
    { tooNewPublications: ['sales'], errorsMoving: true },
    'broken',
    /publication sales did not exist yet/,
  ],
  ['table not published', { unpublishedTables: ['public.a'] }, 'broken', /published: public\.a\./],
  ['table not subscribed', { unknownTables: ['public.a'] }, 'broken', /not have: public\.a\./],
  ['copying', { tablesReady: 6 }, 'copying', /not done yet/],
  ['lagging', { lagBytes: maxLag + 1 }, 'lagging', /max_lag/],
  ['at the bound', { lagBytes: maxLag }, 'ok', null],
  ['lag unknown', { lagBytes: null }, 'unknown', /lag/],
  ['publisher not read', { slotExists: null, lagBytes: null }, 'unknown', /publisher/],
  ['subscriber not read', { workerRunning: null }, 'unknown', /subscriber/],
];

test('all that is wrong is known, and what explains the rest comes first', () => {
  const edge = { ...well, missingPublications: ['sales'], workerRunning: false, lagBytes: null };
  expect(edgeHealth(edge, maxLag).map(({ health }) => health)).toEqual([
    'broken',
    'broken',
    'unknown',
  ]);
  expect(edgeHealth(well, maxLag)).toEqual([]);
});

test.each(rows)('%s', (_what, change, health, reason) => {
  const verdict = judgeEdge({ ...well, ...change }, maxLag);
  expect(verdict.health).toBe(health);
  if (reason === null) expect(verdict.reason).toBeNull();
  else expect(verdict.reason).toMatch(reason);
  if (health === 'broken') expect(verdict.cure).not.toHaveLength(0);
});

describe('overall', () => {
  test('is the worst of all', () => {
    expect(worstHealth(['ok', 'copying', 'broken', 'unknown'])).toBe('broken');
    expect(worstHealth(['ok', 'unknown', 'lagging'])).toBe('unknown');
    expect(worstHealth([])).toBe('ok');
  });
});

test('looks like this', () => {
  const broken: EdgeFacts = {
    ...well,
    subscription: 'legacy',
    slot: 'legacy',
    slotExists: false,
    walStatus: null,
    lagBytes: null,
    retainedBytes: null,
    syncErrors: 4,
    errorsMoving: true,
    initState: null,
  };
  const edges = [well, broken].map((edge) => ({ ...edge, verdict: judgeEdge(edge, maxLag) }));
  const text = renderStatus(
    {
      readAt: '2026-01-31T12:00:00.000Z',
      nodes: [
        {
          name: 'primary',
          reachable: true,
          version: '16.9',
          role: 'primary',
          state: 'synchronized',
          metadataVersion: 1,
        },
        {
          name: 'archive',
          reachable: false,
          error: { code: 'UNREACHABLE', message: 'connection refused' },
        },
      ],
      edges,
      overall: 'broken',
    },
    plainStyle,
  );
  expect(text).toMatchInlineSnapshot(`
    "Nodes
      node     version   role     state         metadata
      primary  16.9      primary  synchronized  version 1
      archive  NOT READ  -        -             -
        archive: connection refused  UNREACHABLE

    Edges
      subscription  from -> to            health  worker   slot              wal       lag      retained  tables  errors                   init
      sales         primary -> reporting  ok      running  sales             reserved  1.0 kB   16.0 MB   7/7     0 apply, 0 sync          synchronized
      legacy        primary -> reporting  BROKEN  running  legacy (MISSING)  unknown   unknown  unknown   7/7     0 apply, 4 sync, rising  -

    BROKEN  reporting/subscription.legacy: The slot does not exist on the publisher.
        Only a new first copy helps.
        steep explain SLOT_MISSING

    Overall: BROKEN, as of 2026-01-31T12:00:00.000Z"
  `);
});
