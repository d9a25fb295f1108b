// Small worlds for tests of the planner: servers, tables and files as values, with everything that a test
// does not care about filled in.

import { describeStep } from '../../../src/executors/index.ts';
import type { QualifiedName } from '../../../src/model/identifier.ts';
import type { Plan, PlanOptions, Reinitialized } from '../../../src/model/plan/plan.ts';
import { addressOf, type NodeName } from '../../../src/model/state/address.ts';
import type { Resource, ResourceOf, ResourceSpecs } from '../../../src/model/state/resource.ts';
import type { ResourceKind } from '../../../src/model/state/resource-kind.ts';
import type { ServerFacts } from '../../../src/model/state/server.ts';
import type {
  DesiredPublication,
  DesiredState,
  DesiredSubscription,
  LiveState,
  NodeState,
  TableSelector,
} from '../../../src/model/state/state.ts';
import type { Table } from '../../../src/model/state/table.ts';
import { makePlan } from '../../../src/planner/make-plan.ts';
import { featuresOf, formatVersion } from '../../../src/postgres/versions.ts';
import { nothingOwned, superuser } from './roles.ts';

export { superuser };

/** The releases that the generated worlds run on, one of each major: without known bugs. */
export const releases = [140023, 150018, 160014, 170010, 180004] as const;

/** A server with limits that permit everything. */
export const server = (rest: Partial<ServerFacts> = {}): ServerFacts => {
  const { versionNumber = releases[4] } = rest;
  return {
    systemIdentifier: '7710123456789012245',
    timeline: 1,
    database: 'app',
    host: '10.0.0.4',
    port: 5432,
    versionNumber,
    version: formatVersion(versionNumber),
    features: featuresOf(versionNumber),
    inRecovery: false,
    walLevel: 'logical',
    encoding: 'UTF8',
    pooled: false,
    role: superuser,
    reader: { ...superuser, fileSettings: true },
    limits: [],
    statementLogging: [],
    workerSettings: [],
    replicationSettings: {
      maxPreparedTransactions: 10,
      idleSlotTimeout: null,
      synchronousNames: [],
      missingStandbySlots: [],
      timeouts: [],
    },
    maxSlotWalKeepSize: null,
    physicalStandbys: 0,
    metadataVersion: 0,
    metadataDatabase: null,
    publishesMetadata: [],
    writers: [],
    walPosition: '0/3000000',
    ...rest,
  };
};

/** `app.orders`, or `orders` in the schema public. */
export const nameOf = (text: string): QualifiedName => {
  const [schema, name] = text.includes('.') ? text.split('.', 2) : ['public', text];
  return { schema: schema ?? '', name: name ?? '' };
};

/** A table with the key `id` and a column `note`. */
export const table = (name: string, rest: Partial<Table> = {}): Table => ({
  name: nameOf(name),
  columns: [
    { name: 'id', type: 'integer', notNull: true, generated: false },
    { name: 'note', type: 'text', notNull: false, generated: false },
  ],
  identityMode: 'default',
  identityIndex: null,
  identityColumns: ['id'],
  keyColumns: ['id'],
  partitioned: false,
  parent: null,
  sequences: [],
  ownedByRole: true,
  lockable: true,
  truncatable: true,
  settable: true,
  reachable: true,
  readable: true,
  rowSecurity: 'none',
  rowsHidden: false,
  checked: false,
  owner: 'app_owner',
  ownerSuperuser: false,
  estimatedRows: 100,
  bytes: 8192,
  hasRows: false,
  ...rest,
});

export const partitioned = (name: string, parent: string | null = null): Table =>
  table(name, { partitioned: true, parent: parent === null ? null : nameOf(parent), bytes: 0 });

export const partition = (name: string, parent: string): Table =>
  table(name, { parent: nameOf(parent) });

/** A live resource that steep manages. */
export const resource = <K extends ResourceKind>(
  kind: K,
  node: NodeName,
  name: string,
  spec: ResourceSpecs[K],
  rest: Partial<ResourceOf<K>> = {},
): ResourceOf<K> => ({
  kind,
  node,
  name,
  address: addressOf(node, kind, name),
  spec,
  owned: true,
  protect: false,
  observed: null,
  ...rest,
});

export const nodeState = (node: NodeName, rest: Partial<NodeState> = {}): NodeState => ({
  node,
  server: server(),
  resources: [],
  tables: [],
  ownership: nothingOwned,
  orphanSlots: [],
  foreignSlots: [],
  missing: [],
  applied: [],
  pace: { wal: null, copies: [] },
  ...rest,
});

export const liveState = (...nodes: readonly NodeState[]): LiveState => ({
  readAt: '2026-01-31T12:00:00.000Z',
  nodes: Object.fromEntries(nodes.map((state) => [state.node, state])),
  unreadable: {},
});

/** A table of a publication block; `*` and `schema.*` are wildcards. */
export const select = (
  text: string,
  rest: Partial<Extract<TableSelector, { readonly kind: 'table' }>> = {},
): TableSelector => {
  if (text === '*') return { kind: 'all' };
  if (text.endsWith('.*')) return { kind: 'schema', schema: text.slice(0, -2) };
  return {
    kind: 'table',
    table: nameOf(text),
    columns: null,
    where: null,
    identity: null,
    ...rest,
  };
};

export const wantPublication = (
  node: NodeName,
  name: string,
  rest: Partial<DesiredPublication> = {},
): DesiredPublication => ({
  node,
  name,
  tables: [],
  schemas: [],
  publish: ['insert', 'update', 'delete', 'truncate'],
  viaPartitionRoot: false,
  generatedColumns: 'none',
  protect: false,
  source: 'steep.yaml:1',
  ...rest,
});

export const wantSubscription = (
  node: NodeName,
  source: NodeName,
  name: string,
  rest: Partial<DesiredSubscription> = {},
): DesiredSubscription => ({
  node,
  name,
  source,
  publications: [],
  slot: name,
  enabled: true,
  options: {},
  init: 'native',
  copyWorkers: 4,
  schemaSync: 'strict',
  protect: false,
  secretInConnection: false,
  origin: 'steep.yaml:1',
  pair: null,
  ...rest,
});

export const desiredState = (
  nodes: readonly NodeName[],
  rest: Partial<DesiredState> = {},
): DesiredState => ({
  nodes: nodes.map((name) => ({
    name,
    connectionRef: `env:${name.toUpperCase()}_URL`,
    priority: 50,
    metadataDatabase: null,
  })),
  publications: [],
  subscriptions: [],
  removed: [],
  renamed: [],
  policy: {
    copyConfirmAbove: 10 * 1024 ** 3,
    copyRate: null,
    maxLag: 16 * 1024 ** 2,
    allowHazards: [],
  },
  ...rest,
});

/** The plan, with the statements of the real executors. */
export const planOf = (
  desired: DesiredState,
  live: LiveState,
  options: PlanOptions = { prune: false },
  scope: readonly string[] = [],
  reviewed?: readonly Reinitialized[],
): Plan =>
  makePlan({
    desired,
    live,
    options,
    scope,
    ...(reviewed === undefined ? {} : { reviewed }),
    steepVersion: '0.1.0',
    elapsedMs: 7,
    describe: describeStep,
  });

export const resourcesOf = (live: LiveState): readonly Resource[] =>
  Object.values(live.nodes).flatMap(({ resources }) => resources);
