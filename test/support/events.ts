// One event of each kind, as a run would emit them.

import type { RunEvent, RunEventBody } from '../../src/model/event.ts';

const step = {
  step: 'wait-for-copy reporting/subscription.sales',
  kind: 'wait-for-copy',
  node: 'reporting',
} as const;

const init = { node_id: 'reporting', source_node: 'primary', subscription: 'sales' } as const;
const inTable = {
  ...init,
  table: 'public.orders',
  phase: 'copying',
  overall_progress: 0.425,
} as const;

const snapshot = {
  operation: 'generate',
  snapshot_id: '20261204_143000_k3x9',
  node_id: 'primary',
  location: '/backup/sales',
} as const;

const MB = 1024 ** 2;
const GB = 1024 ** 3;

const movement = {
  overall_progress: 0.31,
  tables_total: 12,
  tables_completed: 3,
  rows_copied: 5_000_000,
  bytes_copied: Math.round(12.8 * GB),
  bytes_total: Math.round(41.2 * GB),
  rows_per_second: 32_000,
  bytes_per_second: 84 * MB,
  eta_seconds: 340,
  workers: 4,
  tables: [],
} as const;

/** A body for every kind: the compiler asks for each, and for all that it must hold. */
const bodies: { readonly [K in RunEventBody['event']]: Extract<RunEventBody, { event: K }> } = {
  'run.started': { event: 'run.started', plan_id: `sha256:${'0'.repeat(64)}`, steps: 3 },
  'run.step_started': { event: 'run.step_started', why: '2 tables are not ready yet', ...step },
  'run.step_progress': {
    event: 'run.step_progress',
    message: '1 of 3 tables is ready',
    tables: [
      {
        table: 'public.orders',
        syncState: 'd',
        bytesDone: Math.round(12.8 * GB),
        bytesTotal: Math.round(41.2 * GB),
        rowsDone: 5_000_000,
        percent: 31,
        rowsPerSecond: 32_000,
        bytesPerSecond: 84 * MB,
        etaSeconds: 340,
      },
      {
        table: 'public.refunds',
        syncState: 'i',
        bytesDone: 0,
        bytesTotal: null,
        rowsDone: 0,
        percent: null,
        rowsPerSecond: null,
        bytesPerSecond: null,
        etaSeconds: null,
      },
    ],
    ...step,
  },
  'run.step_done': { event: 'run.step_done', duration_ms: 120, ...step },
  'run.step_skipped': { event: 'run.step_skipped', reason: 'the table is ready', ...step },
  'run.step_failed': {
    event: 'run.step_failed',
    code: 'COPY_FAILED',
    message: 'duplicate key in public.orders',
    ...step,
  },
  'run.lock_wait': {
    event: 'run.lock_wait',
    attempt: 2,
    attempts: 10,
    blockers: [{ pid: 4711, application: 'psql', state: 'idle in transaction', ageSeconds: 200 }],
    ...step,
  },
  'run.converging': {
    event: 'run.converging',
    message: '1 of 2 edges is below 16.0 MB',
    behind: ['sales lags by 1.2 GB'],
  },
  'run.converged': { event: 'run.converged', duration_ms: 3200 },
  'run.finished': {
    event: 'run.finished',
    outcome: 'converged',
    exit_code: 0,
    done: 3,
    not_done: 0,
  },
  'init.started': { event: 'init.started', method: 'parallel', ...init },
  'init.completed': { event: 'init.completed', duration_ms: 640_000, ...init },
  'init.failed': { event: 'init.failed', error: 'The disk is full.', ...init },
  'init.cancelled': { event: 'init.cancelled', ...init },
  'init.phase_started': { event: 'init.phase_started', phase: 'indexing', ...init },
  'init.phase_completed': {
    event: 'init.phase_completed',
    phase: 'copying',
    duration_ms: 480_000,
    ...init,
  },
  'init.table_started': { event: 'init.table_started', ...inTable },
  'init.table_complete': {
    event: 'init.table_complete',
    rows_copied: 5_000_000,
    bytes_copied: Math.round(41.2 * GB),
    duration_ms: 502_000,
    ...inTable,
  },
  'init.table_failed': { event: 'init.table_failed', error: 'The disk is full.', ...inTable },
  'init.progress': {
    event: 'init.progress',
    phase: 'copying',
    ...movement,
    lag_bytes: null,
    ...init,
  },
  'init.state_change': {
    event: 'init.state_change',
    from_state: 'preparing',
    to_state: 'copying',
    ...init,
  },
  'schema.mismatch_detected': {
    event: 'schema.mismatch_detected',
    node_id: 'reporting',
    subscription: 'sales',
    resolution: 'blocked',
    message: 'On node reporting: table public.orders does not exist.',
  },
  'schema.sync_applied': {
    event: 'schema.sync_applied',
    node_id: 'reporting',
    step: 'change-schema reporting/table.public.orders',
    object: 'table public.orders',
    statements: 2,
  },
  'operation.started': { event: 'operation.started', operation: 'schema capture' },
  'operation.completed': {
    event: 'operation.completed',
    operation: 'schema capture',
    duration_ms: 1200,
  },
  'operation.failed': {
    event: 'operation.failed',
    operation: 'init prepare',
    duration_ms: 1200,
    code: 'RUN_LOCKED',
    error: 'Another run holds the lock of node primary: a run that just ended.',
  },
  'snapshot.started': {
    event: 'snapshot.started',
    slot: 'steep_snapshot_20261204_143000_k3x9',
    lsn: '0/3000000',
    tables_total: 12,
    resumed: true,
    ...snapshot,
  },
  'snapshot.verifying': {
    event: 'snapshot.verifying',
    bytes_done: Math.round(12.8 * GB),
    bytes_total: Math.round(41.2 * GB),
    ...snapshot,
    operation: 'apply',
  },
  'snapshot.progress': {
    event: 'snapshot.progress',
    phase: 'copying',
    ...movement,
    ...snapshot,
  },
  'snapshot.table_started': {
    event: 'snapshot.table_started',
    table: 'public.orders',
    ...snapshot,
  },
  'snapshot.table_complete': {
    event: 'snapshot.table_complete',
    table: 'public.orders',
    rows_copied: 5_000_000,
    bytes_copied: Math.round(41.2 * GB),
    duration_ms: 502_000,
    ...snapshot,
  },
  'snapshot.table_failed': {
    event: 'snapshot.table_failed',
    table: 'public.orders',
    error: 'The disk is full.',
    ...snapshot,
  },
  'snapshot.completed': {
    event: 'snapshot.completed',
    tables_total: 12,
    rows_copied: 5_000_000,
    bytes_copied: Math.round(41.2 * GB),
    stored_bytes: Math.round(12.8 * GB),
    duration_ms: 640_000,
    ...snapshot,
  },
  'snapshot.unchanged': { event: 'snapshot.unchanged', ...snapshot },
  'snapshot.failed': {
    event: 'snapshot.failed',
    code: 'STORAGE_FULL',
    error: 'The disk is full.',
    ...snapshot,
    snapshot_id: null,
    location: null,
  },
  'snapshot.deleted': {
    event: 'snapshot.deleted',
    files: 14,
    bytes: Math.round(12.8 * GB),
    slot: 'steep_snapshot_20261204_143000_k3x9',
    ...snapshot,
    operation: 'delete',
  },
};

const stamp = { timestamp: '2026-01-31T12:00:00.000Z', level: 'info', run_id: 'run-1' } as const;

/** The event of this kind, with other values where a test needs them. */
export const event = <K extends RunEventBody['event']>(
  kind: K,
  rest: Partial<Extract<RunEventBody, { event: K }>> = {},
): RunEvent => ({ ...bodies[kind], ...rest, ...stamp }) as RunEvent;

export const allEvents: readonly RunEvent[] = Object.keys(bodies).map((kind) =>
  event(kind as RunEventBody['event']),
);
