// Topologies that hand-made plans are about, to draw them.

import type { GraphEdge, TopologyGraph } from '../../../src/model/report/graph.ts';

/** A subscription of one publication, from one node to another; null: it is not in the file. */
export const graphEdge = (
  subscription: string,
  from: string,
  to: string,
  publication: string | null,
): GraphEdge => ({
  subscription,
  from,
  to,
  slot: subscription,
  file:
    publication === null
      ? null
      : { publications: [publication], tables: 1, wildcards: [], enabled: true },
  live: null,
});

export const graphOfEdges = (
  nodes: readonly string[],
  edges: readonly GraphEdge[],
): TopologyGraph => ({
  readAt: null,
  nodes: nodes.map((name) => ({ name, live: null })),
  edges,
});

/** For the plan that the documentation shows. */
export const documentedGraph: TopologyGraph = graphOfEdges(
  ['primary', 'reporting'],
  [
    graphEdge('sales_reporting', 'primary', 'reporting', 'sales'),
    graphEdge('legacy_feed', 'primary', 'reporting', null),
  ],
);

/** For the plan that has everything. */
export const richGraph: TopologyGraph = graphOfEdges(
  ['primary', 'reporting', 'archive'],
  [
    graphEdge("o'brien feed", 'primary', 'reporting', 'all'),
    graphEdge('gone', 'primary', 'reporting', null),
    graphEdge('archived', 'primary', 'archive', 'all'),
  ],
);
