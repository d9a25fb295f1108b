// Which edges there are, and what is known of each beside its ends. Pure.

import type { EdgeName, EdgeSurroundings } from '../../model/edge/edge-facts.ts';
import { sayGaps } from '../../model/edge/edge-gap-text.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { certainlyTooNew } from '../../model/state/too-new.ts';

/** Of an edge that the file does not ask for, and whose connection leads to none of its nodes. */
const noSource: NodeName = 'unknown';

const liveSubscription = (
  { node, subscription }: EdgeName,
  live: LiveState,
): ResourceOf<'subscription'> | undefined =>
  live.nodes[node]?.resources.find(
    (resource): resource is ResourceOf<'subscription'> =>
      resource.kind === 'subscription' && resource.name === subscription,
  );

const differentTables = (
  { node, subscription }: EdgeName,
  { nodes }: LiveState,
): readonly string[] =>
  nodes[node]?.differentTables?.[addressOf(node, 'subscription', subscription)] ?? [];

export const surroundingsOf = (
  edge: EdgeName,
  desired: DesiredState,
  live: LiveState,
  { init, prepared }: Pick<EdgeSurroundings, 'init' | 'prepared'>,
): EdgeSurroundings => {
  const { node, subscription } = edge;
  const wanted = desired.subscriptions.find(
    (sub) => sub.node === node && sub.name === subscription,
  );
  const address = addressOf(node, 'subscription', subscription);
  const source = liveSubscription(edge, live)?.spec.source ?? wanted?.source ?? noSource;
  return {
    source,
    wanted: wanted === undefined ? null : { slot: wanted.slot, enabled: wanted.enabled },
    init,
    prepared,
    tooNewPublications: certainlyTooNew(live.tooNew, address)?.tooNew ?? [],
    differentTables: differentTables(edge, live),
    gaps: sayGaps(live.edgeGaps?.[address] ?? [], { node, name: subscription, source }),
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
