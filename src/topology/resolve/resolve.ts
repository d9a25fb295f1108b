// A file that has been validated → the desired state: defaults filled, names read, all of it sorted.

import type { Connections, Conninfo } from '../../model/connection/conninfo.ts';
import { compareText } from '../../model/identifier.ts';
import type { IgnoreRule } from '../../model/report/drift.ts';
import type { NodeName } from '../../model/state/address.ts';
import type {
  DesiredNode,
  DesiredState,
  DesiredSubscription,
  InitMethod,
  LargeTables,
} from '../../model/state/state.ts';
import { soleVariable } from '../parse/environment.ts';
import type { NodeConnections } from '../parse/read-connections.ts';
import type { Path, SourceDocument } from '../parse/source-document.ts';
import type { Defaults, Init, Node, Subscription } from '../parse/steep-file.generated.ts';
import { type EdgeBlock, edgeBlocksOf, publishingBlocksOf, type Topology } from '../topology.ts';
import { resolveIgnoreRules } from './resolve-drift.ts';
import { resolveRemoved, resolveRenamed } from './resolve-leaving.ts';
import { resolveMerge } from './resolve-merge.ts';
import { resolvedOptions } from './resolve-options.ts';
import { resolvePolicy, resolveSize } from './resolve-policy.ts';
import { resolvePublication } from './resolve-publication.ts';
import { placedFile, snapshotOf } from './snapshot-location.ts';

export interface ResolvedTopology {
  readonly desired: DesiredState;
  readonly connections: Connections;
  /** drift.ignore: nothing that a plan would look at. */
  readonly ignoreRules: readonly IgnoreRule[];
}

/** Connections that cannot be known are left out; loadTopology lets none of those through. */
export const resolveTopology = (
  topology: Topology,
  today: string | null = null,
): ResolvedTopology => {
  const { document, file, connections } = topology;
  const place = (path: Path): string => blockPlace(document, path);
  return {
    desired: {
      nodes: sorted(Object.entries(file.nodes)).map(([name, node]) =>
        resolveNode(name, node, {
          file: placedFile(document, ['nodes', name]),
          owners: node.metadata_owner ?? file.defaults?.metadata_owner ?? [],
          applyRole: node.apply_role ?? file.defaults?.apply_role,
        }),
      ),
      publications: publishingBlocksOf(file)
        .toSorted(byName)
        .map(({ name, publication, path }) => resolvePublication(name, publication, place(path))),
      subscriptions: edgeBlocksOf(file)
        .toSorted(byName)
        .map((block) => resolveSubscription(topology, block, place(block.path))),
      removed: resolveRemoved(file, place),
      renamed: resolveRenamed(file, place),
      policy: resolvePolicy(file, today),
    },
    connections: {
      own: known(connections, ({ own }) => own),
      replication: known(connections, ({ replication }) => replication),
    },
    ignoreRules: resolveIgnoreRules(file, place),
  };
};

/** `steep.yaml:41`. */
const blockPlace = (document: SourceDocument, path: Path): string =>
  `${placedFile(document, path)}:${document.keyAt(path).line}`;

const sorted = <T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] =>
  entries.toSorted(([a], [b]) => compareText(a, b));

const byName = (a: { readonly name: string }, b: typeof a): number => compareText(a.name, b.name);

const resolveNode = (
  name: NodeName,
  node: Node,
  {
    file,
    owners,
    applyRole,
  }: {
    readonly file: string;
    readonly owners: string | readonly string[];
    readonly applyRole: string | undefined;
  },
): DesiredNode => {
  const metadataOwners = typeof owners === 'string' ? [owners] : owners;
  const variable = typeof node.connection === 'string' ? soleVariable(node.connection) : null;
  return {
    name,
    connectionRef: variable === null ? file : `env:${variable}`,
    priority: node.priority ?? 50,
    metadataDatabase: node.metadata_database ?? null,
    ...(metadataOwners.length > 0 && { metadataOwners }),
    ...(applyRole !== undefined && { applyRole }),
  };
};

const resolveSubscription = (topology: Topology, block: EdgeBlock, origin: string) => {
  const { file, connections } = topology;
  const { name, subscription, pair } = block;
  return {
    node: subscription.node,
    name,
    source: subscription.source,
    publications: subscription.publications.toSorted(compareText),
    slot: subscription.slot ?? name,
    ...(subscription.slot === undefined && { slotByDefault: true as const }),
    enabled: subscription.enabled ?? true,
    options: resolvedOptions(file.defaults, subscription),
    ...resolveCopy(file.defaults, subscription, pair),
    ...snapshotOf(topology, block),
    protect: subscription.protect ?? false,
    secretInConnection: connections.get(subscription.source)?.secretInReplication === true,
    ...connectionOf(topology, subscription.source),
    pair,
    origin,
  } satisfies DesiredSubscription;
};

/** Where the subscriber will connect, as a plan may show it. */
const connectionOf = (
  { file, connections }: Topology,
  source: NodeName,
): Pick<DesiredSubscription, 'connection' | 'replicationConnection'> => {
  const conninfo = connections.get(source)?.replication ?? null;
  const isSeparate = file.nodes[source]?.replication_connection !== undefined;
  return {
    ...(conninfo === null ? {} : { connection: conninfo.shown }),
    ...(isSeparate ? { replicationConnection: true } : {}),
  };
};

/** Methods that are not here are refused before. What a pair copies must not come back: PostgreSQL's own copy sees to that. */
const initOf = (
  method: 'snapshot' | 'two_phase' | 'manual' | 'merge' | 'none',
  copy: 'parallel' | 'native',
): InitMethod => (method === 'snapshot' ? copy : method);

const resolveLargeTables = ({
  large_table_method: method = 'copy',
  large_table_threshold: threshold = defaultLargeTableThreshold,
}: Init): { readonly largeTables?: LargeTables } =>
  method === 'copy' ? {} : { largeTables: { method, threshold: resolveSize(threshold) ?? 0 } };

const defaultLargeTableThreshold = '10GB';

const resolveCopy = (
  defaults: Defaults | undefined,
  { init, schema_sync: schemaSync }: Subscription,
  pair: DesiredSubscription['pair'],
): Pick<
  DesiredSubscription,
  'init' | 'copyWorkers' | 'holdTables' | 'largeTables' | 'schemaSync' | 'merge'
> => {
  const settings = { ...defaults?.init, ...init };
  const { method = 'snapshot', copy = 'parallel' } = settings;
  const way = initOf(method, pair === null ? copy : 'native');
  return {
    init: way,
    ...resolveMerge(settings),
    copyWorkers: settings.parallel_workers ?? 4,
    ...(way === 'parallel' && settings.hold_tables === true && { holdTables: true }),
    ...(way === 'parallel' ? resolveLargeTables(settings) : {}),
    schemaSync: schemaSync ?? defaults?.schema_sync ?? 'strict',
  };
};

const known = (
  connections: ReadonlyMap<NodeName, NodeConnections>,
  pick: (node: NodeConnections) => Conninfo | null,
): Readonly<Record<NodeName, Conninfo>> =>
  Object.fromEntries(
    sorted([...connections]).flatMap(([name, node]) => {
      const conninfo = pick(node);
      return conninfo === null ? [] : [[name, conninfo]];
    }),
  );
