// The events of a command on a snapshot: what they say, how often, and how they end.

import { expect, test } from 'vitest';
import type { CopyPhase } from '../../../../src/model/copy/init-phase.ts';
import type { CopyProgress } from '../../../../src/model/copy/init-progress.ts';
import { SteepError } from '../../../../src/model/errors.ts';
import type { RunEvent, SnapshotEnding } from '../../../../src/model/event.ts';
import type { UnreadNodes } from '../../../../src/model/report/read-result.ts';
import {
  type OperationRequest,
  runToldOperation,
} from '../../../../src/workflows/operation/run-operation.ts';
import type { RuntimeEnvironment } from '../../../../src/workflows/runtime-environment.ts';
import {
  type SnapshotTeller,
  snapshotNews,
} from '../../../../src/workflows/snapshot/snapshot-events.ts';

const orders = { schema: 'public', name: 'orders' };

const progressOf = (phase: CopyPhase): CopyProgress => ({
  phase,
  percent: 31,
  tablesTotal: 2,
  tablesDone: 1,
  rowsCopied: 10,
  bytesCopied: 100,
  bytesTotal: 300,
  rowsPerSecond: null,
  bytesPerSecond: null,
  etaSeconds: null,
  workers: 4,
  lagBytes: null,
  tables: [],
});

interface Options {
  readonly request: OperationRequest;
  readonly runtime: RuntimeEnvironment;
}

const node = { node: null, connection: 'postgresql://u:secret@h/app', as: 'source' };

type Result = UnreadNodes | { readonly outcome: 'read' };

const telling = (
  { request, runtime }: Options,
  body: (teller: SnapshotTeller) => Promise<Result>,
  ending: () => SnapshotEnding | null,
): Promise<Result> =>
  runToldOperation(
    'snapshot generate',
    request,
    runtime,
    snapshotNews('generate', node, ending),
    (_run, teller) => body(teller),
  );

const stage = () => {
  const events: RunEvent[] = [];
  let time = 0;
  const options: Options = {
    request: {
      waitForLockMs: 0,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      say: () => undefined,
    },
    runtime: {
      steepVersion: '0.1.0',
      environment: {},
      user: 'test',
      hostname: 'localhost',
      now: () => new Date('2026-01-31T12:00:00Z'),
      clock: () => time,
    },
  };
  return { events, options, pass: (ms: number) => (time += ms) };
};

const done = { outcome: 'read' } as const;
const unchanged = () => ({ event: 'snapshot.unchanged' }) as const;

test('each event says what is known by then', async () => {
  const { events, options } = stage();
  const body = async ({ know, table }: SnapshotTeller) => {
    know({ location: '/backup' });
    table({ kind: 'started', table: orders, rows: 0, bytes: 0, durationMs: 0 });
    know({ snapshot_id: 'one_1' });
    table({ kind: 'completed', table: orders, rows: 3, bytes: 90, durationMs: 1.5 });
    table({ kind: 'failed', table: orders, rows: 0, bytes: 0, durationMs: 0, error: 'full' });
    return done;
  };
  expect(await telling(options, body, unchanged)).toBe(done);
  const stamp = {
    timestamp: '2026-01-31T12:00:00.000Z',
    run_id: expect.any(String),
    level: 'info',
  };
  const subject = { ...stamp, operation: 'generate', node_id: 'source', location: '/backup' };
  const known = { ...subject, snapshot_id: 'one_1' };
  const table = 'public.orders';
  expect(events).toEqual([
    { event: 'snapshot.table_started', ...subject, snapshot_id: null, table },
    {
      event: 'snapshot.table_complete',
      ...known,
      table,
      rows_copied: 3,
      bytes_copied: 90,
      duration_ms: 2,
    },
    { event: 'snapshot.table_failed', ...known, level: 'error', table, error: 'full' },
    { event: 'snapshot.unchanged', ...known },
  ]);
});

test('progress is told at most once a second, and at each new phase', async () => {
  const { events, options, pass } = stage();
  await telling(
    options,
    async ({ verifying, progress }) => {
      for (let half = 0; half < 3; half += 1) {
        verifying({ bytesDone: half, bytesTotal: 3 });
        pass(500);
      }
      progress(progressOf('copying'));
      progress(progressOf('copying'));
      pass(999);
      progress(progressOf('copying'));
      progress(progressOf('indexing'));
      pass(1000);
      progress(progressOf('indexing'));
      return done;
    },
    () => null,
  );
  expect(
    events.map((event) => {
      if (event.event === 'snapshot.verifying') return event.bytes_done;
      return event.event === 'snapshot.progress' ? event.phase : event.event;
    }),
  ).toEqual([0, 2, 'copying', 'indexing', 'indexing']);
  expect(events.at(-1)).toMatchObject({ level: 'debug', overall_progress: 0.31, workers: 4 });
});

test.each([
  [new SteepError('STORAGE_FULL', 'No room.', { cause: 'secret' }), 'STORAGE_FULL', 'No room.'],
  [new Error('A bug.'), 'INTERNAL_ERROR', 'A bug.'],
  ['a text', 'INTERNAL_ERROR', 'a text'],
])('what is thrown is told, and thrown on: %s', async (thrown, code, error) => {
  const { events, options } = stage();
  await expect(telling(options, () => Promise.reject(thrown), unchanged)).rejects.toBe(thrown);
  const failed = { event: 'snapshot.failed', level: 'error', code, error };
  expect(events).toEqual([expect.objectContaining({ ...failed, snapshot_id: null })]);
  expect(JSON.stringify(events)).not.toContain('secret');
});

test.each([
  ['unreadable', 'NODE_UNREADABLE'],
  ['invalid file', 'INVALID_FILE'],
] as const)('%s: a failure, too', async (outcome, code) => {
  const { events, options } = stage();
  const diagnostics = [
    { severity: 'warning', code: 'A', summary: 'a', detail: 'Odd.' },
    { severity: 'error', code: 'B', summary: 'b', detail: 'Nobody answers.' },
  ] as const;
  const result = { outcome, diagnostics };
  expect(await telling(options, async () => result, unchanged)).toBe(result);
  expect(events).toEqual([expect.objectContaining({ code, error: 'Nobody answers.' })]);
});
