// Arbitrary topologies over two or three nodes of any version, and what may happen to servers behind steep's
// back. Only files that validation would accept.

import fc from 'fast-check';
import { compareNames, formatName } from '../../../src/model/identifier.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { Resource } from '../../../src/model/state/resource.ts';
import type { Features } from '../../../src/model/state/server.ts';
import type {
  DesiredPublication,
  DesiredState,
  DesiredSubscription,
  LiveState,
  TableSelector,
} from '../../../src/model/state/state.ts';
import type { Table } from '../../../src/model/state/table.ts';
import { featuresOf } from '../../../src/postgres/versions.ts';
import { put } from '../worlds/live-edit.ts';
import {
  desiredState,
  liveState,
  nodeState,
  partition,
  partitioned,
  releases,
  resource,
  resourcesOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../worlds/worlds.ts';
import { anyPair, noPair } from './generate-pairs.ts';

/** The version of each node. */
export type Releases = Readonly<Record<NodeName, number>>;

const release = fc.constantFrom(...releases);

const anyReleases: fc.Arbitrary<Releases> = fc.oneof(
  fc.record({ a: release, b: release }),
  fc.record({ a: release, b: release, c: release }),
);

/** The same tables everywhere, two levels of partitions among them. */
const tables: readonly Table[] = [
  table('app.Odd "Name"'),
  table('app.notes'),
  table('customers'),
  table('orders'),
  partitioned('events'),
  partition('events_1', 'events'),
  partitioned('events_2', 'events'),
  partition('events_2a', 'events_2'),
].toSorted((x, y) => compareNames(x.name, y.name));

const publishable = ['app.Odd "Name"', 'app.notes', 'customers', 'orders', 'events', 'events_1'];

/** Servers that steep has not touched yet. */
export const untouchedServers = (versions: Releases): LiveState =>
  liveState(
    ...Object.entries(versions).map(([node, versionNumber], index) =>
      nodeState(node, {
        server: server({ versionNumber, systemIdentifier: String(index) }),
        tables,
        resources: tables.map(({ name }) => {
          const spec = { table: name, mode: 'default', index: null } as const;
          return resource('identity', node, formatName(name), spec);
        }),
      }),
    ),
  );

const tableSelector = ({ filtersAndSchemas }: Features): fc.Arbitrary<TableSelector> =>
  fc
    .record({
      name: fc.constantFrom(...publishable),
      columns: fc.constantFrom(null, ...(filtersAndSchemas ? [['id'], ['id', 'note']] : [])),
      where: fc.constantFrom(null, ...(filtersAndSchemas ? ['id > 1', 'id > 10'] : [])),
      identity: fc.constantFrom(null, null, { mode: 'full', index: null } as const),
    })
    .map(({ name, ...rest }) => select(name, rest));

const publicationTables = (features: Features): fc.Arbitrary<readonly TableSelector[]> =>
  fc.oneof(
    fc.uniqueArray(tableSelector(features), {
      minLength: 1,
      maxLength: 4,
      selector: (chosen) => (chosen.kind === 'table' ? chosen.table.name : chosen.kind),
    }),
    fc.constantFrom([select('app.*')], [select('*')], [select('app.*'), select('orders')]),
  );

const publicationOn = (
  node: NodeName,
  name: string,
  features: Features,
): fc.Arbitrary<DesiredPublication> =>
  fc
    .record({
      tables: publicationTables(features),
      schemas: fc.constantFrom([], ...(features.filtersAndSchemas ? [['app']] : [])),
      publish: fc.subarray(['insert', 'update', 'delete', 'truncate'] as const, { minLength: 1 }),
      viaPartitionRoot: fc.boolean(),
      generatedColumns: fc.constantFrom(
        'none' as const,
        ...(features.publishGeneratedColumns ? ['stored' as const] : []),
      ),
      protect: fc.boolean(),
    })
    .map((rest) => wantPublication(node, name, rest));

const otherValues: Readonly<Record<string, string>> = {
  streaming: 'on',
  synchronous_commit: 'local',
  origin: 'none',
  password_required: 'false',
};

const optionsOf = ({ subscriptionOptions }: Features): fc.Arbitrary<Record<string, string>> =>
  fc
    .subarray([...subscriptionOptions])
    .map((chosen) =>
      Object.fromEntries(chosen.map(({ name }) => [name, otherValues[name] ?? 'true'])),
    );

const anyInit = ['parallel', 'parallel', 'native', 'none'] as const;

const subscriptionOn = (
  node: NodeName,
  name: string,
  versions: Releases,
  publications: readonly DesiredPublication[],
): fc.Arbitrary<DesiredSubscription | null> => {
  const sources = [...new Set(publications.map((pub) => pub.node))].filter((at) => at !== node);
  if (sources.length === 0) return fc.constant(null);
  return fc.constantFrom(...sources).chain((source) => {
    const offered = publications.filter((pub) => pub.node === source).map((pub) => pub.name);
    return fc
      .record({
        publications: fc.subarray(offered.toSorted(), { minLength: 1 }),
        slot: fc.constantFrom(name, name, `${name}_other`),
        enabled: fc.constantFrom(true, true, true, false),
        options: optionsOf(featuresOf(versions[node] ?? 0)),
        init: fc.constantFrom(...anyInit),
        protect: fc.boolean(),
      })
      .map((rest) => wantSubscription(node, source, name, rest));
  });
};

/** What a file may ask of these servers. */
const anyDesired = (versions: Releases): fc.Arbitrary<DesiredState> => {
  const nodes = Object.keys(versions);
  const node = fc.constantFrom(...nodes);
  const publication = (name: string) =>
    node.chain((at) => publicationOn(at, name, featuresOf(versions[at] ?? 0)));
  return fc
    .tuple(...['p1', 'p2', 'p3'].map((name) => fc.option(publication(name))))
    .chain((found) => {
      const publications = found.filter((pub) => pub !== null);
      const subscription = (name: string) =>
        node.chain((at) => subscriptionOn(at, name, versions, publications));
      return fc
        .tuple(subscription('s1'), subscription('s2'), fc.option(anyPair(versions)))
        .map(([s1, s2, pair]) =>
          desiredState(nodes, {
            publications: [...publications, ...(pair ?? noPair).publications],
            subscriptions: [
              ...[s1, s2].filter((sub) => sub !== null),
              ...(pair ?? noPair).subscriptions,
            ],
          }),
        );
    });
};

/** What a user may do to a resource manually. */
const deeds = {
  disown: (found) =>
    found.kind === 'publication' || found.kind === 'slot' || found.kind === 'subscription'
      ? { ...found, owned: false, protect: false }
      : found,
  'publish all tables': (found) =>
    found.kind === 'publication'
      ? { ...found, spec: { ...found.spec, allTables: true, tables: [], schemas: [] } }
      : found,
  'publish less': (found) =>
    found.kind === 'publication' && !found.spec.allTables
      ? {
          ...found,
          spec: { ...found.spec, tables: found.spec.tables.slice(1), publish: ['insert'] },
        }
      : found,
  'switch on or off': (found) =>
    found.kind === 'subscription'
      ? { ...found, spec: { ...found.spec, enabled: !found.spec.enabled } }
      : found,
  'read from elsewhere': (found) =>
    found.kind === 'subscription'
      ? { ...found, owned: false, spec: { ...found.spec, source: null, connection: 'stale' } }
      : found,
  detach: (found) =>
    found.kind === 'subscription'
      ? { ...found, spec: { ...found.spec, enabled: false, slot: null } }
      : found,
  'copy again': (found) =>
    found.kind === 'copy' ? { ...found, spec: { ...found.spec, state: 'copying' } } : found,
  'identify by nothing': (found) =>
    found.kind === 'identity' ? { ...found, spec: { ...found.spec, mode: 'nothing' } } : found,
} satisfies Record<string, (found: Resource) => Resource>;

/** What is done, and to which of the resources that it can be done to. */
export type Deed = readonly [what: keyof typeof deeds, pick: number];

const deedNames = Object.keys(deeds) as (keyof typeof deeds)[];

const anyDeeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.tuple(fc.constantFrom(...deedNames), fc.nat(50)),
  { maxLength: 4 },
);

/** The servers after a user changed objects directly. */
export const tamper = (live: LiveState, done: readonly Deed[]): LiveState =>
  done.reduce((state, [what, pick]) => {
    const deed: (found: Resource) => Resource = deeds[what];
    const touchable = resourcesOf(state).filter((found) => deed(found) !== found);
    const found = touchable[pick % Math.max(1, touchable.length)];
    return found === undefined ? state : put(state, deed(found));
  }, live);

/** A file that is applied, what happens meanwhile, and the file that comes next. */
export interface Transition {
  readonly versions: Releases;
  readonly before: DesiredState;
  readonly deeds: readonly Deed[];
  readonly after: DesiredState;
}

export const anyTransition: fc.Arbitrary<Transition> = anyReleases.chain((versions) =>
  fc.record({
    versions: fc.constant(versions),
    before: anyDesired(versions),
    deeds: anyDeeds,
    after: anyDesired(versions),
  }),
);
