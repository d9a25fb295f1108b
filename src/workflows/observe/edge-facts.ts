// What is known of one edge, from both of its ends, as the verdict on it needs it. Pure.

import type { InitReading } from '../../model/copy/init-reading.ts';
import { formatName } from '../../model/identifier.ts';
import type { EdgeFacts } from '../../model/report/status.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { comparePublished, type Published } from '../../model/state/published.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { ResourceKind } from '../../model/state/resource-kind.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { certainlyTooNew } from '../../model/state/too-new.ts';

type Subscription = ResourceOf<'subscription'>;

/** Name of node and subscription: of an edge that the file asks for, or that is there. */
export interface EdgeName {
  readonly node: NodeName;
  readonly subscription: string;
}

const find = <K extends ResourceKind>(
  live: LiveState,
  node: NodeName | null,
  kind: K,
  name: string | null,
): ResourceOf<K> | undefined => {
  const resources: readonly Resource[] = node === null ? [] : (live.nodes[node]?.resources ?? []);
  const found = resources.find((resource) => resource.kind === kind && resource.name === name);
  return found as ResourceOf<K> | undefined;
};

export const liveSubscription = (live: LiveState, edge: EdgeName): Subscription | undefined =>
  find(live, edge.node, 'subscription', edge.subscription);

const copiesOf = (live: LiveState, { node, subscription }: EdgeName) =>
  (live.nodes[node]?.resources ?? []).flatMap((resource) =>
    resource.kind === 'copy' && resource.spec.subscription === subscription ? [resource] : [],
  );

const slotFacts = (live: LiveState, source: NodeName | null, name: string | null) => {
  const slot = find(live, source, 'slot', name);
  const readable = source !== null && live.nodes[source] !== undefined;
  return {
    slotExists: readable ? slot !== undefined : null,
    walStatus: slot?.observed?.walStatus ?? null,
    lagBytes: slot?.observed?.lagBytes ?? null,
    retainedBytes: slot?.observed?.retainedBytes ?? null,
  };
};

export interface StatusReadings {
  readonly desired: DesiredState;
  readonly live: LiveState;
  readonly init: InitReading | null;
  readonly errorsMoving: boolean | null;
  /** What the publisher sends to the subscription; null: it could not be read. */
  readonly published: Published | null;
}

const wantedOf = ({ node, subscription }: EdgeName, desired: DesiredState) =>
  desired.subscriptions.find((sub) => sub.node === node && sub.name === subscription);

const noWorker = { workerRunning: null, applyErrors: null, syncErrors: null };

const workerFacts = ({ observed }: Subscription) =>
  observed === null
    ? noWorker
    : {
        workerRunning: observed.workerRunning,
        applyErrors: observed.applyErrors,
        syncErrors: observed.syncErrors,
      };

const liveFacts = (sub: Subscription | undefined) =>
  sub === undefined
    ? { enabled: false, disablesOnError: false, ...noWorker }
    : {
        enabled: sub.spec.enabled,
        disablesOnError: sub.spec.options.disable_on_error === 'true',
        ...workerFacts(sub),
      };

const initFacts = (init: InitReading | null) => ({ initState: init?.state ?? null, init });

const tooNewOf = ({ node, subscription }: EdgeName, { tooNew }: LiveState): readonly string[] =>
  certainlyTooNew(tooNew, addressOf(node, 'subscription', subscription))?.tooNew ?? [];

/** Both ends of an edge. A subscription that the file asks for and that is not there counts as disabled. */
export const edgeFacts = (edge: EdgeName, readings: StatusReadings): EdgeFacts => {
  const { desired, live } = readings;
  const sub = liveSubscription(live, edge);
  const wanted = wantedOf(edge, desired);
  const source = sub?.spec.source ?? wanted?.source ?? null;
  const slot = sub === undefined ? (wanted?.slot ?? null) : sub.spec.slot;
  const copies = copiesOf(live, edge);
  return {
    ...edge,
    source: source ?? 'unknown',
    exists: live.nodes[edge.node] === undefined ? null : sub !== undefined,
    slot,
    ...liveFacts(sub),
    ...slotFacts(live, source, slot),
    tablesReady: copies.filter(({ spec }) => spec.state === 'ready').length,
    tablesTotal: copies.length,
    errorsMoving: readings.errorsMoving,
    ...comparePublished(
      sub === undefined ? null : readings.published,
      copies.map(({ spec }) => formatName(spec.table)),
    ),
    tooNewPublications: tooNewOf(edge, live),
    wantedDisabled: wanted === undefined ? null : !wanted.enabled,
    ...initFacts(readings.init),
  };
};

/** Every edge of the file and every subscription that is there, in order of node and name. */
export const edgeNames = (desired: DesiredState, live: LiveState): readonly EdgeName[] => {
  const found = new Map<string, EdgeName>();
  const add = (node: NodeName, subscription: string): void =>
    void found.set(`${node}/${subscription}`, { node, subscription });
  for (const { node, name } of desired.subscriptions) add(node, name);
  for (const { resources } of Object.values(live.nodes)) {
    for (const { kind, node, name } of resources) if (kind === 'subscription') add(node, name);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
};
