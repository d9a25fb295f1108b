// A topology as a graph to draw: nodes, and one edge for each subscription.

import type { EdgeStatus, Health } from '../edge/edge-health.ts';
import { compareText, formatName, quoteIdentifier } from '../identifier.ts';
import type { NodeName } from '../state/address.ts';
import type { DesiredPublication, DesiredState, DesiredSubscription } from '../state/state.ts';
import type { NodeStatus, StatusReport } from './status.ts';

export interface TopologyGraph {
  /** When the servers were read, RFC 3339 UTC; null: this is steep.yaml alone. */
  readonly readAt: string | null;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly name: NodeName;
  /** Null: not looked at. */
  readonly live: NodeStatus | null;
}

export interface GraphEdge {
  readonly subscription: string;
  /** Null: live, and not one of the nodes of steep.yaml. */
  readonly from: NodeName | null;
  readonly to: NodeName;
  readonly slot: string | null;
  /** What steep.yaml says of it; null: it is not there. */
  readonly file: EdgeInFile | null;
  /** Null: not looked at. */
  readonly live: EdgeLive | null;
}

export interface EdgeInFile {
  readonly publications: readonly string[];
  /** Tables that are named, each once. */
  readonly tables: number;
  /** `*`, `billing.*`: how many tables that is, only the server knows. */
  readonly wildcards: readonly string[];
  readonly enabled: boolean;
}

export interface EdgeLive {
  readonly health: Health;
  /** Null: unknown. */
  readonly lagBytes: number | null;
  readonly tablesReady: number;
  readonly tablesTotal: number;
}

/** The graph of a file, and of what was found on the servers, if they were looked at. */
export const graphOf = (desired: DesiredState, report: StatusReport | null): TopologyGraph => {
  const found = report?.edges ?? [];
  const isSame = (edge: EdgeStatus, { node, name }: DesiredSubscription): boolean =>
    edge.node === node && edge.subscription === name;
  const extra = found.filter((edge) => !desired.subscriptions.some((sub) => isSame(edge, sub)));
  return {
    readAt: report?.readAt ?? null,
    nodes: desired.nodes.map(({ name }) => ({
      name,
      live: report?.nodes.find((node) => node.name === name) ?? null,
    })),
    edges: [
      ...desired.subscriptions.map((sub) =>
        desiredEdge(desired, sub, found.find((edge) => isSame(edge, sub)) ?? null),
      ),
      ...extra.map((edge) => foundEdge(desired, edge)),
    ],
  };
};

const desiredEdge = (
  { publications }: DesiredState,
  { name, node, source, slot, enabled, publications: wanted }: DesiredSubscription,
  status: EdgeStatus | null,
): GraphEdge => {
  const own = publications.filter((it) => it.node === source && wanted.includes(it.name));
  return {
    subscription: name,
    from: source,
    to: node,
    slot,
    file: { publications: wanted, ...publishedTables(own), enabled },
    live: liveOf(status),
  };
};

const foundEdge = ({ nodes }: DesiredState, edge: EdgeStatus): GraphEdge => ({
  subscription: edge.subscription,
  from: nodes.some(({ name }) => name === edge.source) ? edge.source : null,
  to: edge.node,
  slot: edge.slot,
  file: null,
  live: liveOf(edge),
});

const liveOf = (status: EdgeStatus | null): EdgeLive | null =>
  status === null
    ? null
    : {
        health: status.verdict.health,
        lagBytes: status.lagBytes,
        tablesReady: status.tablesReady,
        tablesTotal: status.tablesTotal,
      };

const publishedTables = (
  publications: readonly DesiredPublication[],
): Pick<EdgeInFile, 'tables' | 'wildcards'> => {
  const tables = new Set<string>();
  const wildcards = new Set<string>();
  for (const selector of publications.flatMap((publication) => publication.tables)) {
    if (selector.kind === 'table') tables.add(formatName(selector.table));
    else wildcards.add(selector.kind === 'all' ? '*' : `${quoteIdentifier(selector.schema)}.*`);
  }
  for (const schema of publications.flatMap(({ schemas }) => schemas)) {
    wildcards.add(`${quoteIdentifier(schema)}.*`);
  }
  return { tables: tables.size, wildcards: [...wildcards].toSorted(compareText) };
};
