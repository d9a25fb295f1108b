// Where a subscription reads from whose connection the role may not see, told by its slot: without it, whoever is not a
// superuser would not be warned of a loop, or of a reader of what is dropped.

import type { NodeName } from '../../model/state/address.ts';
import type { Resource, ResourceOf } from '../../model/state/resource.ts';
import type { LiveState } from '../../model/state/state.ts';

type Subscription = ResourceOf<'subscription'>;

/** Only where one node alone has a slot of that name that no other subscription is known to read. */
export const withSourcesBySlot = (live: LiveState): LiveState => {
  const taken = new Set(
    subscriptionsOf(live).flatMap(({ spec }) =>
      spec.source === null || spec.slot === null ? [] : [slotKey(spec.source, spec.slot)],
    ),
  );
  const withSource = (resource: Resource): Resource => {
    if (resource.kind !== 'subscription' || !isHidden(resource, live)) return resource;
    const { slot } = resource.spec;
    const [source, another] = nodesWithSlot(slot, live).filter(
      (node) => node !== resource.node && !taken.has(slotKey(node, slot)),
    );
    return source === undefined || another !== undefined
      ? resource
      : { ...resource, spec: { ...resource.spec, source } };
  };
  if (!subscriptionsOf(live).some((sub) => isHidden(sub, live))) return live;
  return {
    ...live,
    nodes: Object.fromEntries(
      Object.entries(live.nodes).map(([name, node]) => [
        name,
        { ...node, resources: node.resources.map(withSource) },
      ]),
    ),
  };
};

const slotKey = (node: NodeName, slot: string | null): string => `${node}/${slot}`;

const subscriptionsOf = ({ nodes }: LiveState): readonly Subscription[] =>
  Object.values(nodes).flatMap(({ resources }) =>
    resources.filter((resource) => resource.kind === 'subscription'),
  );

const isHidden = ({ node, spec }: Subscription, { nodes }: LiveState): boolean =>
  spec.source === null &&
  spec.slot !== null &&
  nodes[node]?.server.role.connectionStrings === false;

const nodesWithSlot = (slot: string | null, { nodes }: LiveState): readonly NodeName[] =>
  Object.entries(nodes).flatMap(([node, { resources }]) =>
    resources.some(({ kind, name }) => kind === 'slot' && name === slot) ? [node] : [],
  );
