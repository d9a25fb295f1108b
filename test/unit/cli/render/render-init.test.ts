// An initial copy in words: one line, and a row for each table that moves.

import { expect, test } from 'vitest';
import { initLines, renderFollowed } from '../../../../src/cli/render/render-init.ts';
import { initChanges } from '../../../../src/model/copy/init-changes.ts';
import type { InitReading } from '../../../../src/model/copy/init-reading.ts';

const GB = 1024 ** 3;

const table = {
  table: 'public.orders',
  syncState: 'd',
  rowsDone: 5_000_000,
  bytesDone: 12.8 * GB,
  bytesTotal: 41.2 * GB,
  percent: 31.07,
  rowsPerSecond: 32_000.4,
  bytesPerSecond: 84 * 1024 ** 2,
  etaSeconds: 340,
};

const reading: InitReading = {
  node: 'reporting',
  subscription: 'sales',
  source: 'primary',
  method: 'parallel',
  state: 'copying',
  error: null,
  runId: 'run-1',
  startedAt: '2026-01-31T12:00:00.000Z',
  completedAt: null,
  silentSeconds: 0.4,
  progress: {
    phase: 'indexing',
    percent: 62.5,
    tablesTotal: 12,
    tablesDone: 3,
    rowsCopied: 18_400_000,
    bytesCopied: 25.7 * GB,
    bytesTotal: 41.2 * GB,
    rowsPerSecond: 120_000,
    bytesPerSecond: 190 * 1024 ** 2,
    etaSeconds: 83,
    workers: 4,
    lagBytes: null,
    tables: [
      table,
      {
        ...table,
        table: 'public.\u001b[2Jx',
        bytesTotal: null,
        percent: null,
        rowsPerSecond: null,
        bytesPerSecond: null,
        etaSeconds: null,
      },
    ],
  },
};

test('looks like this', () => {
  expect(initLines(reading).join('\n')).toMatchInlineSnapshot(`
    "reporting/subscription.sales copying (indexing): 62% 25.7/41.2 GB, 18.4 M rows, 3 of 12 tables, 190 MB/s, ETA 1m23s, 4 workers
      table            %    size          rows   rows/s  bytes/s  ETA
      public.orders    31%  12.8/41.2 GB  5.0 M  32.0 k  84 MB/s  5m40s
      public.\\x1b[2Jx  -    12.8 GB       5.0 M  -       -        -"
  `);
});

test('one that catches up, one that failed, one that nobody works on', () => {
  const { progress } = reading;
  if (progress === null) throw new Error('there is progress');
  const resting = { ...progress, workers: 0, tables: [], etaSeconds: null, bytesPerSecond: null };
  const lines = [
    {
      ...reading,
      state: 'catching_up',
      progress: { ...resting, phase: 'catching_up', percent: 100, lagBytes: 2048 },
    },
    { ...reading, state: 'failed', error: 'The disk is full.', progress: null },
    { ...reading, state: 'preparing', silentSeconds: 90, progress: null },
  ] as const;
  expect(lines.flatMap(initLines).join('\n')).toMatchInlineSnapshot(`
    "reporting/subscription.sales catching_up: 100% 25.7/41.2 GB, 18.4 M rows, 3 of 12 tables, lag 2.0 kB
    reporting/subscription.sales failed: The disk is full.
    reporting/subscription.sales preparing: no run has reported progress for 1m30s; steep apply continues the copy"
  `);
  expect(renderFollowed([reading])).toMatch(/^Initial copies are running:\nreporting/);
  expect(renderFollowed(lines.slice(1))).toMatch(/^Not done:\nreporting.*\nreporting/);
  expect(renderFollowed([{ ...reading, state: 'synchronized', progress: null }])).toBe(
    'No initial copy is running.',
  );
});

test('at most ten tables below a copy', () => {
  const tables = Array.from({ length: 12 }, (_, index) => ({ ...table, table: `t${index}` }));
  const { progress } = reading;
  const lines = initLines({ ...reading, progress: progress && { ...progress, tables } });
  expect(lines).toHaveLength(1 + 1 + 10 + 1);
  expect(lines.at(-1)).toBe('  … and 2 more');
});

test('only what changed is told again, as the events of its run', () => {
  const [first] = initChanges([], [reading]);
  expect(first?.events.map(({ event }) => event)).toEqual(['init.state_change', 'init.progress']);
  expect(initChanges([reading], [{ ...reading, silentSeconds: 9 }])).toEqual([]);
  const done = { ...reading, state: 'catching_up' } as const;
  expect(initChanges([reading], [done])[0]?.events[0]).toMatchObject({
    from_state: 'copying',
    to_state: 'catching_up',
    source_node: 'primary',
  });
});
