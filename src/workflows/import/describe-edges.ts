// Finds what each live subscription reads from: by its connection string, or by its slot where the string
// cannot be read or names the server in another way. Pure.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import type { Address, NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { NodeState } from '../../model/state/state.ts';
import { isKind } from '../../planner/context/context.ts';
import type { Found, LeftOut } from '../plan/left-out.ts';

export interface DescribedEdge {
  readonly subscription: ResourceOf<'subscription'>;
  readonly source: NodeName;
  readonly slot: string;
  /** Null: the role may not read it. */
  readonly conninfo: Conninfo | null;
  readonly foundBy: 'connection' | 'slot';
}

/** Connections of subscriptions, by node and name. */
export type SubscriptionConnections = ReadonlyMap<NodeName, ReadonlyMap<string, Conninfo>>;

/** Every edge whose both ends are nodes and whole; the others, and why they are not. */
export const findEdges = (
  states: readonly NodeState[],
  connections: SubscriptionConnections,
): Found<DescribedEdge> => {
  const subscriptions = states.flatMap((state) => state.resources.filter(isKind('subscription')));
  const taken = new Set(subscriptions.map(({ spec }) => slotKey(spec.source, spec.slot)));
  const kept: DescribedEdge[] = [];
  const leftOut: LeftOut[] = [];
  for (const subscription of subscriptions) {
    const conninfo = connections.get(subscription.node)?.get(subscription.name) ?? null;
    const found = findEdge(subscription, conninfo, states, taken);
    if ('reason' in found) leftOut.push(found);
    else kept.push(found);
  }
  return { kept, leftOut };
};

const slotKey = (source: NodeName | null, slot: string | null): string => `${source} ${slot}`;

const findEdge = (
  subscription: ResourceOf<'subscription'>,
  conninfo: Conninfo | null,
  states: readonly NodeState[],
  taken: ReadonlySet<string>,
): DescribedEdge | LeftOut => {
  const { address, spec } = subscription;
  const { slot, source } = spec;
  if (slot === null) return leave(address, 'It is detached from its slot (slot_name = NONE).');
  const edge = { subscription, slot, conninfo };
  if (source === null) return findBySlot(edge, states, taken);
  const publisher = states.find(({ node }) => node === source);
  const fault = brokenEnd(subscription, slot, publisher);
  return fault === null ? { ...edge, source, foundBy: 'connection' } : leave(address, fault);
};

const leave = (address: Address, reason: string, cure: string | null = null): LeftOut => ({
  address,
  reason,
  cure,
});

/** A slot that a subscription with a known source reads is no other's. */
const findBySlot = (
  edge: Omit<DescribedEdge, 'source' | 'foundBy'>,
  states: readonly NodeState[],
  taken: ReadonlySet<string>,
): DescribedEdge | LeftOut => {
  const { slot, conninfo } = edge;
  const { address } = edge.subscription;
  const from = conninfo === null ? '' : ` (${conninfo.endpoint})`;
  const [first, ...others] = states
    .filter((state) => !taken.has(slotKey(state.node, slot)) && fits(edge, state))
    .map(({ node }) => node);
  if (first === undefined) {
    const cure = 'Name that server too: --node NAME=URL.';
    return leave(address, `Its publisher${from} is not one of the nodes.`, cure);
  }
  if (others.length === 0) return { ...edge, source: first, foundBy: 'slot' };
  const names = [first, ...others].join(', ');
  return leave(address, `It reads slot ${slot}${from}, and several nodes have it: ${names}.`);
};

const hasPublication = (state: NodeState, name: string): boolean =>
  state.resources.filter(isKind('publication')).some((publication) => publication.name === name);

const slotOf = (state: NodeState, name: string): ResourceOf<'slot'> | undefined =>
  state.resources.filter(isKind('slot')).find((slot) => slot.name === name);

/** What is missing on the publisher of a subscription that replicates nothing; null: nothing is. */
const brokenEnd = (
  { spec }: ResourceOf<'subscription'>,
  slot: string,
  publisher: NodeState | undefined,
): string | null => {
  if (publisher === undefined) return 'Its publisher was not read.';
  const { node } = publisher;
  if (slotOf(publisher, slot) === undefined) {
    return `Its slot ${slot} is not on node ${node}: nothing arrives.`;
  }
  const missing = spec.publications.filter((name) => !hasPublication(publisher, name));
  return missing.length === 0
    ? null
    : `It reads ${missing.join(', ')}, which node ${node} does not have.`;
};

/** Whether a node can be the publisher: database, slot, publications, and that both ends run or both rest. */
const fits = (
  { subscription, slot, conninfo }: Omit<DescribedEdge, 'source' | 'foundBy'>,
  publisher: NodeState,
): boolean => {
  const running = subscription.observed?.workerRunning ?? false;
  const found = slotOf(publisher, slot);
  return (
    publisher.node !== subscription.node &&
    found?.observed?.active === running &&
    isDatabase(conninfo, publisher) &&
    subscription.spec.publications.every((name) => hasPublication(publisher, name))
  );
};

/** To libpq the database is called like the user where nothing else is said. */
const isDatabase = (conninfo: Conninfo | null, { server }: NodeState): boolean =>
  conninfo === null || (conninfo.get('dbname') ?? conninfo.get('user')) === server.database;
