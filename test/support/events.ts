// One event of each kind, as a run would emit them.

import type { RunEvent, RunEventBody } from '../../src/model/event.ts';

const step = {
  step: 'wait-for-copy reporting/subscription.sales',
  kind: 'wait-for-copy',
  node: 'reporting',
} as const;

const MB = 1024 ** 2;
const GB = 1024 ** 3;

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
        bytesPerSecond: 84 * MB,
        etaSeconds: 340,
      },
      {
        table: 'public.refunds',
        syncState: 'i',
        bytesDone: 0,
        bytesTotal: null,
        rowsDone: 0,
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
  'init.state_change': {
    event: 'init.state_change',
    node_id: 'reporting',
    source_node: 'primary',
    subscription: 'sales',
    from_state: 'preparing',
    to_state: 'copying',
  },
  'init.table_complete': {
    event: 'init.table_complete',
    node_id: 'reporting',
    subscription: 'sales',
    table: 'public.orders',
    overall_progress: 42.5,
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
