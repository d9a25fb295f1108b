// Lists what a node has of one kind. Read-only.

import { readNodeStatus } from '../../catalog/metadata/read-node-status.ts';
import { readSubscriptionWorkers } from '../../catalog/objects/read-subscription-workers.ts';
import { readOrigins } from '../../catalog/slots/read-origins.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import type {
  ListedPublication,
  ListedSlot,
  ListedSubscription,
  ListedWorker,
  ObjectKind,
  ObjectLists,
  ObjectReport,
} from '../../model/report/objects.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { NodeState } from '../../model/state/state.ts';
import { isKind } from '../../planner/context/context.ts';
import { toFailure } from '../../postgres/failures.ts';
import { didYouMean } from '../../topology/validate/did-you-mean.ts';
import { asDiagnostic, type OpenNodes, openNodes } from '../nodes.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { findPlace, type PlaceRequest, type PrimitivePlace } from './place.ts';

export interface ListRequest<K extends ObjectKind> {
  readonly place: PlaceRequest;
  readonly kind: K;
  /** Null: all. */
  readonly name: string | null;
}

/** @throws SteepError USAGE, OBJECT_NOT_FOUND for a name that the node does not have. */
export const listOnNode = async <K extends ObjectKind>(
  { place: request, kind, name }: ListRequest<K>,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<ObjectReport<K>>> => {
  const { place, diagnostics } = await findPlace(request, runtime);
  if (place === null) return { outcome: 'invalid file', diagnostics };
  const { desired, connections } = place.project;
  const wanted = desired.nodes.filter(
    (node) => kind === 'subscriptions' || node.name === place.node,
  );
  const opened = { applicationName: 'steep list', readOnly: true };
  const nodes = await openNodes(wanted, connections, opened, runtime);
  try {
    const found = await readers[kind](place, nodes, runtime);
    if ('code' in found) return { outcome: 'unreadable', diagnostics: [found] };
    const items = named(place, kind, name, found);
    return {
      outcome: 'read',
      report: { node: place.node, [kind]: items } as unknown as ObjectReport<K>,
    };
  } catch (error) {
    throw toFailure(error, { node: place.node, doing: `reading its ${kind}` });
  } finally {
    await nodes.close();
  }
};

interface Item {
  readonly name: string;
  /** Of a node: what people call it is another word. */
  readonly id?: string;
}

const nameOf = ({ id, name }: Item): string => id ?? name;

const named = (
  { node }: PrimitivePlace,
  kind: ObjectKind,
  name: string | null,
  items: readonly Item[],
): readonly Item[] => {
  if (name === null) return items;
  const found = items.filter((item) => nameOf(item) === name);
  if (found.length > 0) return found;
  const what = kind === 'nodes' ? 'registered node' : kind.slice(0, -1);
  throw new SteepError('OBJECT_NOT_FOUND', `Node ${node} has no ${what} ${name}.`, {
    suggestions: didYouMean(name, items.map(nameOf)),
  });
};

type Reader<K extends ObjectKind> = (
  place: PrimitivePlace,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
) => Promise<ObjectLists[K] | Diagnostic>;

/** From the catalogs, as a plan reads them. */
const fromState =
  <K extends ObjectKind>(
    list: (state: NodeState, nodes: OpenNodes) => ObjectLists[K] | Promise<ObjectLists[K]>,
  ): Reader<K> =>
  async ({ project, node }, nodes, runtime) => {
    const live = await readCatalogs(project, nodes, runtime);
    const state = live.nodes[node];
    return state === undefined ? unreadable(live.unreadable[node], node) : list(state, nodes);
  };

/** By a query of its own, on the session of the node. */
const fromSession =
  <K extends ObjectKind>(read: (nodes: OpenNodes, node: string) => Promise<ObjectLists[K]>) =>
  ({ node }: PrimitivePlace, nodes: OpenNodes): Promise<ObjectLists[K] | Diagnostic> =>
    nodes.sessions.has(node)
      ? read(nodes, node)
      : Promise.resolve(unreadable(nodes.unreadable[node], node));

const unreadable = (found: Diagnostic | undefined, node: string): Diagnostic =>
  found ?? asDiagnostic(new SteepError('UNREACHABLE', `Node ${node} was not read.`), node);

const open = <T>(map: ReadonlyMap<string, T>, node: string): T => {
  const found = map.get(node);
  if (found === undefined) throw new Error(`node ${node} is not open`);
  return found;
};

const publication = ({ name, owned, spec }: ResourceOf<'publication'>): ListedPublication => ({
  name,
  managed: owned,
  allTables: spec.allTables,
  tables: spec.tables.map(({ table }) => formatName(table)),
  schemas: spec.schemas,
  publish: spec.publish,
  viaPartitionRoot: spec.viaPartitionRoot,
});

const subscription = (
  { node, name, owned, spec, observed }: ResourceOf<'subscription'>,
  resources: readonly Resource[],
  workers: readonly ListedWorker[],
): ListedSubscription => {
  const copies = resources
    .filter(isKind('copy'))
    .filter((copy) => copy.node === node && copy.spec.subscription === name);
  return {
    name,
    managed: owned,
    enabled: spec.enabled,
    source: spec.source,
    publications: spec.publications,
    slot: spec.slot,
    tables: copies.length,
    tablesReady: copies.filter((copy) => copy.spec.state === 'ready').length,
    workers,
    applyErrors: observed?.applyErrors ?? null,
    syncErrors: observed?.syncErrors ?? null,
  };
};

const unknownPosition = {
  walStatus: null,
  restartLsn: null,
  confirmedFlushLsn: null,
  lagBytes: null,
  keptBytes: null,
};

const positionOf = ({ observed }: ResourceOf<'slot'>) => {
  if (observed === null) return unknownPosition;
  const { walStatus, restartLsn, confirmedFlushLsn, lagBytes, retainedBytes } = observed;
  return { walStatus, restartLsn, confirmedFlushLsn, lagBytes, keptBytes: retainedBytes };
};

const slot = (live: ResourceOf<'slot'>): ListedSlot => ({
  name: live.name,
  managed: live.owned,
  plugin: live.spec.plugin,
  database: live.spec.database,
  active: live.observed?.active ?? false,
  ...positionOf(live),
});

/** Of other plugins and other databases only this is known. */
const foreign = (found: NodeState['foreignSlots'][number]): ListedSlot => ({
  ...found,
  managed: false,
  ...unknownPosition,
});

const readers: { readonly [K in ObjectKind]: Reader<K> } = {
  publications: fromState<'publications'>(({ resources }) =>
    resources.filter(isKind('publication')).map(publication),
  ),
  subscriptions: fromState<'subscriptions'>(async ({ node, resources }, nodes) => {
    const workers = await readSubscriptionWorkers(open(nodes.sessions, node));
    return resources
      .filter(isKind('subscription'))
      .map((sub) => subscription(sub, resources, workers.get(sub.name) ?? []));
  }),
  slots: fromState<'slots'>(({ server, resources, foreignSlots }) => [
    ...resources.filter(isKind('slot')).map(slot),
    ...foreignSlots
      .filter(({ database }) => database === null || database === server.database)
      .map(foreign),
  ]),
  origins: fromSession<'origins'>(({ sessions }, node) => readOrigins(open(sessions, node))),
  nodes: fromSession<'nodes'>(({ metadata }, node) => readNodeStatus(open(metadata, node))),
};
