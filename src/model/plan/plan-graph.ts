// The topology that a plan is about, as a graph to draw: the file's, and what leaves it.

import { type GraphEdge, graphOf, type TopologyGraph } from '../report/graph.ts';
import type { Resource, ResourceOf } from '../state/resource.ts';
import type { DesiredState, LiveState } from '../state/state.ts';
import type { Plan } from './plan.ts';

/** The file's graph, and the live subscriptions that the plan drops, or that is no longer in steep.yaml and stay. */
export const planGraph = (
  desired: DesiredState,
  live: LiveState,
  { changes }: Pick<Plan, 'changes'>,
): TopologyGraph => {
  const graph = graphOf(desired, null);
  const leaving = new Set(
    changes
      .filter(({ action }) => action === 'drop' || action === 'left')
      .map(({ address }) => address),
  );
  const found = Object.values(live.nodes)
    .flatMap(({ resources }) => resources)
    .filter(isSubscription)
    .filter(({ address }) => leaving.has(address));
  return { ...graph, edges: [...graph.edges, ...found.map((it) => leavingEdge(it, desired))] };
};

const isSubscription = (resource: Resource): resource is ResourceOf<'subscription'> =>
  resource.kind === 'subscription';

const leavingEdge = (
  { name, node, spec }: ResourceOf<'subscription'>,
  { nodes }: DesiredState,
): GraphEdge => ({
  subscription: name,
  from: nodes.some((known) => known.name === spec.source) ? spec.source : null,
  to: node,
  slot: spec.slot,
  file: null,
  live: null,
});
