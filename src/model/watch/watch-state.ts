// All that the screen of steep watch shows, as a value: events in, the next state out. Pure; time is that of the events.

import type { EdgeName } from '../edge/edge-facts.ts';
import type { NodeName } from '../state/address.ts';
import type { LogEntry, WatchEvent, WatchStarted } from './watch-event.ts';
import { reduceEdge, type WatchedEdge } from './watched-edge.ts';
import { loseNode, reduceNode, unseenNode, type WatchedNode } from './watched-node.ts';

/** Lines of the audit logs that are kept. */
const logKept = 500;

export interface WatchState {
  /** Of the last event, in milliseconds since 1970; 0: there was none. */
  readonly now: number;
  readonly maxLag: number;
  /** All nodes that answer were read as a whole. */
  readonly introspected: boolean;
  readonly nodes: ReadonlyMap<NodeName, WatchedNode>;
  /** By edgeKey, in order of node and subscription. */
  readonly edges: ReadonlyMap<string, WatchedEdge>;
  /** The newest last. */
  readonly log: readonly LogEntry[];
}

const edgeKey = ({ node, subscription }: EdgeName): string => `${node}/${subscription}`;

export const nothingSeen: WatchState = {
  now: 0,
  maxLag: Number.POSITIVE_INFINITY,
  introspected: false,
  nodes: new Map(),
  edges: new Map(),
  log: [],
};

interface Draft {
  maxLag: number;
  introspected: boolean;
  readonly nodes: Map<NodeName, WatchedNode>;
  readonly edges: Map<string, WatchedEdge>;
  log: readonly LogEntry[];
}

/** A recording can hold several watches: each begins with nothing. */
const start = (draft: Draft, { nodes, maxLag }: WatchStarted): void => {
  draft.nodes.clear();
  draft.edges.clear();
  draft.log = [];
  draft.introspected = false;
  draft.maxLag = maxLag;
  for (const name of nodes) draft.nodes.set(name, unseenNode(name));
};

const reduceOne = (draft: Draft, event: WatchEvent): void => {
  const { nodes, edges, maxLag } = draft;
  switch (event.event) {
    case 'watch.started':
      start(draft, event);
      return;
    case 'watch.node':
      nodes.set(event.node, reduceNode(nodes.get(event.node) ?? unseenNode(event.node), event));
      draft.log = [...draft.log, ...event.log].slice(-logKept);
      return;
    case 'watch.node_lost':
      nodes.set(event.node, loseNode(nodes.get(event.node) ?? unseenNode(event.node), event));
      return;
    case 'watch.edge': {
      const key = edgeKey(event.facts);
      edges.set(key, reduceEdge(edges.get(key) ?? null, event, maxLag));
      return;
    }
    case 'watch.edge_gone':
      edges.delete(edgeKey(event));
      return;
    case 'watch.introspected':
      draft.introspected = true;
      for (const [name, node] of nodes) nodes.set(name, { ...node, looksSinceSurvey: 0 });
  }
};

const sorted = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

/** What was known, and what was seen since. */
export const reduceWatch = (state: WatchState, events: readonly WatchEvent[]): WatchState => {
  const draft: Draft = { ...state, nodes: new Map(state.nodes), edges: new Map(state.edges) };
  for (const event of events) reduceOne(draft, event);
  return {
    ...draft,
    now: events.at(-1)?.at ?? state.now,
    edges: draft.edges.size === state.edges.size ? draft.edges : sorted(draft.edges),
  };
};

/**
 * Every node has failed, or was read with what the introspection found (the second look after it has begun after it), and no
 * verdict waits for another look: what --once prints.
 */
export const isSettled = ({ nodes, edges, introspected }: WatchState): boolean =>
  introspected &&
  [...nodes.values()].every(
    ({ looksSinceSurvey, lost }) => looksSinceSurvey > 1 || lost !== null,
  ) &&
  [...edges.values()].every(({ certain }) => certain);
