// What steep watch saw of three nodes and two edges, as events: one edge well, one being copied, one node lost at the end.

import { noProgress } from '../../../src/model/copy/init-progress.ts';
import type { EdgeFacts } from '../../../src/model/edge/edge-facts.ts';
import type { QueueLook } from '../../../src/model/queue/operation.ts';
import type { NodeLook, SlotLook, WatchEvent } from '../../../src/model/watch/watch-event.ts';
import { wellEdge } from './edges.ts';

const start = Date.parse('2026-01-31T12:00:00Z');

/** Milliseconds since the beginning of the recording. */
const after = (ms: number): number => start + ms;

const slot = (name: string, retainedBytes: number): SlotLook => ({
  name,
  type: 'logical',
  active: true,
  walStatus: 'reserved',
  safeWalSize: 900_000_000,
  retainedBytes,
  restartLsn: '0/3000000',
  confirmedFlushLsn: '0/3000100',
  lagSeconds: 0.4,
});

export const nodeLook = (more: Partial<NodeLook> = {}): NodeLook => ({
  version: '18.1',
  role: 'primary',
  metadataVersion: 4,
  walKeepBytes: 1_000_000_000,
  slots: [],
  snapshots: [],
  statements: 7,
  ...more,
});

const named = (subscription: string, node: string): EdgeFacts => ({
  ...wellEdge,
  subscription,
  node,
  source: 'primary',
  slot: subscription,
});

const copying: EdgeFacts = {
  ...named('sales', 'reporting'),
  initState: 'copying',
  init: {
    node: 'reporting',
    subscription: 'sales',
    source: 'primary',
    method: 'parallel',
    state: 'copying',
    error: null,
    silentSeconds: 0,
    progress: {
      ...noProgress,
      phase: 'copying',
      percent: 42,
      tablesTotal: 3,
      tablesDone: 1,
      rowsCopied: 4200,
      bytesCopied: 42_000_000,
      bytesTotal: 100_000_000,
      rowsPerSecond: 100,
      bytesPerSecond: 1_000_000,
      etaSeconds: 58,
      workers: 4,
    },
  } as EdgeFacts['init'],
};

const tables = [
  { table: 'public.customers', syncState: 'r', bytesDone: 20_000_000, rowsDone: 2000 },
  { table: 'public.orders', syncState: 'd', bytesDone: 22_000_000, rowsDone: 2200 },
  { table: 'public.refunds', syncState: 'i', bytesDone: 0, rowsDone: 0 },
];

const left: QueueLook = {
  id: 7,
  operation: 'verify',
  status: 'running',
  attempts: 1,
  maxAttempts: 3,
  queuedBy: 'dba',
  worker: 'steep worker h 42',
  hasWorker: false,
  cancelRequested: false,
  errorCode: null,
  errorText: null,
};

const failed: QueueLook = {
  ...left,
  id: 8,
  operation: 'init',
  status: 'failed',
  attempts: 3,
  errorCode: 'SLOT_LOST',
  errorText: 'Slot sales was lost.',
};

const seen = (node: string, ms: number, look: NodeLook): WatchEvent => ({
  event: 'watch.node',
  at: after(ms),
  node,
  look,
  log: [],
});

/** In order of time. The audit log holds what would clear a terminal. */
export const watched: readonly WatchEvent[] = [
  {
    event: 'watch.started',
    at: after(0),
    version: 1,
    nodes: ['primary', 'reporting', 'search'],
    maxLag: 1_000_000,
  },
  { event: 'watch.introspected', at: after(100) },
  seen('primary', 200, nodeLook({ slots: [slot('sales', 1_000_000), slot('items', 2_000_000)] })),
  { event: 'watch.edge', at: after(300), facts: copying, tables },
  seen('reporting', 300, nodeLook({ version: '16.4', queue: [left, failed] })),
  { event: 'watch.edge', at: after(400), facts: named('items', 'search'), tables: null },
  {
    event: 'watch.node',
    at: after(400),
    node: 'search',
    look: nodeLook({ version: '14.9' }),
    log: [
      {
        id: 1,
        at: '2026-01-31T11:59:59.000Z',
        node: 'search',
        actor: 'dba',
        event: 'state',
        subject: 'subscription.items',
        fromState: 'copying',
        toState: 'ready \u001b[2J',
      },
    ],
  },
  seen('primary', 5200, nodeLook({ slots: [slot('sales', 6_000_000), slot('items', 2_000_000)] })),
  {
    event: 'watch.node_lost',
    at: after(6000),
    node: 'search',
    code: 'UNREACHABLE',
    message: 'Node search has not answered for 3 s.',
  },
];
