// Changes to what was read from servers, as values; what is not there cannot be changed.

import { addressOf, type NodeName } from '../../../src/model/state/address.ts';
import type { Resource, ResourceSpecs } from '../../../src/model/state/resource.ts';
import type { ResourceKind } from '../../../src/model/state/resource-kind.ts';
import type { LiveState, NodeState } from '../../../src/model/state/state.ts';

export function stateOf(live: LiveState, node: NodeName): NodeState {
  const state = live.nodes[node];
  if (state === undefined) throw new Error(`there is no node ${node}`);
  return state;
}

export const withResources = (
  live: LiveState,
  node: NodeName,
  resources: readonly Resource[],
): LiveState => ({
  ...live,
  nodes: { ...live.nodes, [node]: { ...stateOf(live, node), resources } },
});

export function mustHave(live: LiveState, node: NodeName, address: string): void {
  const there = stateOf(live, node).resources.some((found) => found.address === address);
  if (!there) throw new Error(`${address} is not there`);
}

export function add(live: LiveState, created: Resource): LiveState {
  const there = stateOf(live, created.node).resources.some(
    ({ address }) => address === created.address,
  );
  if (there) throw new Error(`${created.address} exists already`);
  return put(live, created);
}

/** Adds a resource, in the place of another with its address. */
export function put(live: LiveState, added: Resource): LiveState {
  const others = stateOf(live, added.node).resources.filter(
    ({ address }) => address !== added.address,
  );
  return withResources(live, added.node, [...others, added]);
}

export function remove(live: LiveState, node: NodeName, address: string): LiveState {
  const { resources } = stateOf(live, node);
  const left = resources.filter((found) => found.address !== address);
  if (left.length === resources.length) throw new Error(`${address} is not there to be dropped`);
  return withResources(live, node, left);
}

export function change<K extends ResourceKind>(
  live: LiveState,
  kind: K,
  node: NodeName,
  name: string,
  next: (spec: ResourceSpecs[K]) => ResourceSpecs[K],
): LiveState {
  const address = addressOf(node, kind, name);
  const found = stateOf(live, node).resources.find((other) => other.address === address);
  if (found === undefined) throw new Error(`${address} is not there to be changed`);
  const spec = next(found.spec as ResourceSpecs[K]);
  return put(live, { ...found, spec } as Resource);
}

/** The same resource, under another name. */
export function rename(live: LiveState, node: NodeName, from: string, to: string): LiveState {
  const found = stateOf(live, node).resources.find(({ address }) => address === from);
  if (found === undefined) throw new Error(`${from} is not there to be renamed`);
  return add(remove(live, node, from), {
    ...found,
    name: to,
    address: addressOf(node, found.kind, to),
  } as Resource);
}
