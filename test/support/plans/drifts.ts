// Drift without servers: a publication, its slot and its subscription as they were applied, and reports of
// every shape for the renderers.

import {
  type DriftFinding,
  type DriftReport,
  driftClasses,
} from '../../../src/model/report/drift.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { Applied } from '../../../src/model/state/applied.ts';
import type {
  PublicationSpec,
  Resource,
  ResourceOf,
  SlotObserved,
  SubscriptionObserved,
  SubscriptionSpec,
} from '../../../src/model/state/resource.ts';
import type { DesiredState, LiveState, NodeState } from '../../../src/model/state/state.ts';
import type { DriftInput } from '../../../src/planner/drift/drift-context.ts';
import { makeDriftReport } from '../../../src/planner/drift/make-drift-report.ts';
import type { SchemaReading } from '../../../src/planner/drift/schema-reading.ts';
import {
  desiredState,
  liveState,
  nameOf,
  nodeState,
  resource,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../worlds/worlds.ts';

export const by = { runId: 'run-1', appliedAt: '2026-01-31T12:00:00.000Z' };

const published = (name: string) => ({ table: nameOf(name), columns: null, where: null });

export const salesSpec: PublicationSpec = {
  allTables: false,
  tables: [published('customers'), published('orders')],
  schemas: [],
  publish: ['insert', 'update', 'delete', 'truncate'],
  viaPartitionRoot: false,
  generatedColumns: 'none',
};

const newest = server().features.subscriptionOptions;

export const feedSpec: SubscriptionSpec = {
  source: 'primary',
  publications: ['sales'],
  slot: 'feed',
  enabled: true,
  connection: 'current',
  options: Object.fromEntries(newest.map((fact) => [fact.name, fact.default])),
};

const slotObserved: SlotObserved = {
  active: true,
  walStatus: 'reserved',
  confirmedFlushLsn: '0/1',
  restartLsn: '0/1',
  lagBytes: 0,
  retainedBytes: 1024,
  safeWalSize: null,
  failover: false,
  twoPhase: false,
};

const feedObserved: SubscriptionObserved = {
  oid: 16400,
  workerRunning: true,
  twoPhaseState: 'disabled',
  applyErrors: 0,
  syncErrors: 0,
  secretInCatalog: false,
  asApplied: { live: true, file: true },
};

export const sales = (spec: Partial<PublicationSpec> = {}) =>
  resource('publication', 'primary', 'sales', { ...salesSpec, ...spec });

export const slot = (observed: Partial<SlotObserved> = {}, name = 'feed') =>
  resource(
    'slot',
    'primary',
    name,
    { plugin: 'pgoutput', database: 'app' },
    { observed: { ...slotObserved, ...observed } },
  );

export const feed = (
  spec: Partial<SubscriptionSpec> = {},
  observed: Partial<SubscriptionObserved> = {},
): ResourceOf<'subscription'> =>
  resource(
    'subscription',
    'reporting',
    'feed',
    { ...feedSpec, ...spec },
    { observed: { ...feedObserved, ...observed } },
  );

/** What was applied is what these resources are. */
export const appliedAs = (...resources: readonly Resource[]): readonly Applied[] =>
  resources.map(
    ({ kind, node, name, address, spec, protect }) =>
      ({ kind, node, name, address, spec, protect, ...by }) as Applied,
  );

interface Sides {
  readonly primary?: readonly Resource[];
  readonly reporting?: readonly Resource[];
  readonly applied?: readonly Applied[];
  readonly states?: Readonly<Record<NodeName, Partial<NodeState>>>;
}

const base = appliedAs(sales(), slot(), feed());

/** Two nodes; without sides, as they were applied. */
export const live = (sides: Sides = {}): LiveState => {
  const { primary = [sales(), slot()], reporting = [feed()], applied = base, states = {} } = sides;
  const stateOf = (node: NodeName, resources: readonly Resource[]): NodeState =>
    nodeState(node, {
      server: server({ metadataVersion: 1 }),
      resources,
      tables: [table('customers'), table('orders'), table('extra')],
      applied: applied.filter((row) => row.node === node),
      ...states[node],
    });
  return liveState(stateOf('primary', primary), stateOf('reporting', reporting));
};

/** What the file asks for, as it was applied. */
export const desired = (rest: Partial<DesiredState> = {}): DesiredState =>
  desiredState(['primary', 'reporting'], {
    publications: [
      wantPublication('primary', 'sales', { tables: [select('customers'), select('orders')] }),
    ],
    subscriptions: [wantSubscription('reporting', 'primary', 'feed', { publications: ['sales'] })],
    ...rest,
  });

const sent = ['customers', 'orders'] as const;
const unchanged = { strict: 'f'.repeat(64), replication: 'f'.repeat(64), columnCount: 2 };

const byName = <T>(of: (name: string) => T): ReadonlyMap<string, T> =>
  new Map(sent.map((name) => [`public.${name}`, of(name)]));

/** The tables of the edge, on record and as they were. */
export const tablesAsApplied: SchemaReading = {
  records: byName((name) => ({
    name: nameOf(name),
    strict: unchanged.strict,
    capturedAt: by.appliedAt,
    parent: null,
    partitioned: false,
  })),
  fingerprints: byName((name) => ({ name: nameOf(name), ...unchanged })),
  recorded: new Map(),
  found: new Map(),
  sequences: { recorded: new Map(), found: new Map() },
};

export const compare = (input: Partial<DriftInput> = {}): DriftReport =>
  makeDriftReport({
    desired: desired(),
    live: live(),
    edges: [],
    gone: {},
    lost: [],
    schemas: { primary: tablesAsApplied, reporting: tablesAsApplied },
    verified: [],
    notes: [],
    classes: driftClasses,
    rules: [],
    today: '2026-02-01',
    elapsedMs: 300,
    ...input,
  });

export const finding = (rest: Partial<DriftFinding> = {}): DriftFinding => ({
  class: 'topology',
  code: 'DRIFT_CHANGED',
  address: 'primary/publication.sales',
  node: 'primary',
  summary: 'The publication sales differs from what was applied.',
  details: [{ field: 'tables', added: ['public.extra'], removed: [] }],
  applied: by,
  cure: ['To put it back: steep plan'],
  ...rest,
});

/** All that a report can hold, once. */
export const richDrift = (rest: Partial<DriftReport> = {}): DriftReport => ({
  ...compare(),
  outcome: 'incomplete',
  nodes: [
    { name: 'primary', error: null },
    {
      name: 'reporting',
      error: { code: 'UNREACHABLE', message: 'Node reporting did not answer.' },
    },
  ],
  findings: [
    finding(),
    finding({
      class: 'runtime',
      code: 'ORPHAN_SLOT',
      address: 'primary/slot.feed',
      applied: null,
      summary: 'No subscription reads this slot.',
      details: [],
      cure: ['steep plan'],
    }),
  ],
  ignored: [
    {
      finding: finding({ address: 'primary/publication.cdc_a' }),
      rule: {
        address: 'primary/publication.cdc_*',
        reason: 'owned by Debezium',
        until: '2027-01-31',
        source: 'steep.yaml:41',
      },
    },
  ],
  pending: [{ address: 'reporting/subscription.feed', edit: 'changed' }],
  adopted: ['primary/publication.spare'],
  unchecked: [{ address: 'reporting/subscription.feed', what: 'connection', why: 'no right' }],
  warnings: [
    {
      severity: 'warning',
      code: 'DRIFT_RULE_EXPIRED',
      summary: 'A rule of drift.ignore has expired',
      detail: 'steep.yaml:50: the rule for x ended.',
    },
  ],
  ...rest,
});
