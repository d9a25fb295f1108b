// The graph that subscriptions make: no database reads from itself, and no change runs in a circle.

import type { NodeName } from '../../model/state/address.ts';
import { finding } from '../findings.ts';
import { isSameDatabase } from '../parse/server-identity.ts';
import type { SteepFile, Subscription } from '../parse/steep-file.generated.ts';
import { resolvedOptions } from '../resolve/resolve-options.ts';
import { formatSelector, tableEntries } from '../resolve/table-entries.ts';
import {
  edgeBlocksOf,
  publishingBlocksOf,
  subscriptionsOf,
  type TopologyCheck,
} from '../topology.ts';

/** Subscriptions whose source is their own database. */
export const validateEnds: TopologyCheck = (topology) =>
  subscriptionsOf(topology.file).flatMap(([name, { node, source }]) => {
    const same = node === source;
    if (!same && !isSameDatabase(topology, node, source)) return [];
    const detail = same
      ? `${name}: node ${node} would read from itself.`
      : `${name}: nodes ${source} and ${node} are the same database.`;
    const place = topology.document.valueAt(['subscriptions', name, 'source']);
    return [finding('SAME_NODE', detail, place, ['Name another node as `source` or `node`.'])];
  });

/** What subscribers connect with must not depend on who runs steep: two roles would see two topologies. */
export const validateOwnConnections: TopologyCheck = ({ document, file }) => {
  const sources = new Set(edgeBlocksOf(file).map(({ subscription }) => subscription.source));
  return Object.entries(file.nodes)
    .filter(([name, node]) => sources.has(name) && node.replication_connection === undefined)
    .filter(([, node]) => (node.apply_role ?? file.defaults?.apply_role) !== undefined)
    .map(([name]) =>
      finding(
        'OWN_CONNECTION_SHARED',
        `Node ${name}: steep.yaml names an apply_role, so that more than one role may connect, and no replication_connection. Subscribers of ${name} would get the connection of the role that runs steep; a plan by another role would change it.`,
        document.keyAt(['nodes', name]),
        [
          `Add \`replication_connection\` to node ${name}, with the role that subscribers connect as.`,
        ],
      ),
    );
};

/** The tables that a subscription is sent, by name; null: not all of them are named. */
const tablesSent = (
  file: SteepFile,
  { source, publications }: Subscription,
): ReadonlySet<string> | null => {
  const blocks = publishingBlocksOf(file).filter(
    ({ name, publication }) => publication.node === source && publications.includes(name),
  );
  if (blocks.some(({ publication }) => (publication.schemas ?? []).length > 0)) return null;
  const entries = blocks.flatMap(({ path, publication }) => tableEntries(path, publication));
  const names = entries.flatMap(({ selector }) =>
    selector.ok && selector.value.kind === 'table' ? [formatSelector(selector.value)] : [],
  );
  return names.length === entries.length ? new Set(names) : null;
};

/** Edges in a circle that pass on what they received: each change would come back indefinitely. */
export const validateLoops: TopologyCheck = ({ document, file }) => {
  const edges = edgeBlocksOf(file).map(({ name, subscription, path }) => ({
    name,
    path,
    from: subscription.source,
    to: subscription.node,
    tables: tablesSent(file, subscription),
    stopsEcho: resolvedOptions(file.defaults, subscription).origin === 'none',
  }));
  return edges
    .filter(({ from, to, stopsEcho }) => !stopsEcho && from !== to)
    .flatMap((edge) => {
      const { name, path, from } = edge;
      const back = wayBack(edge, edges);
      if (back === null) return [];
      const detail = `Replication would loop, ${[from, ...back].join(' -> ')}: ${name} passes on what its source received.`;
      const place = document.keyAt(path);
      return [finding('LOOP', detail, place, [`Set \`options: { origin: none }\` on ${name}.`])];
    });
};

interface Edge {
  readonly from: NodeName;
  readonly to: NodeName;
  readonly tables: ReadonlySet<string> | null;
}

/** The way on which one and the same table comes back; null: none does. */
const wayBack = (edge: Edge, edges: readonly Edge[]): readonly NodeName[] | null => {
  // Of edges whose tables are not all named, any table may come back.
  const named = edge.tables ?? edges.flatMap(({ tables }) => [...(tables ?? [])]);
  const ways = [...named, null].flatMap((table) => {
    if (table === null && edge.tables !== null) return [];
    const carrying = edges.filter(
      ({ tables }) => tables === null || (table !== null && tables.has(table)),
    );
    return [shortestWay(carrying, edge.to, edge.from) ?? []];
  });
  return ways.find((way) => way.length > 0) ?? null;
};

/** The nodes on the way, both ends included; null: there is none. */
const shortestWay = (
  edges: readonly Edge[],
  start: NodeName,
  end: NodeName,
): readonly NodeName[] | null => {
  const ways: NodeName[][] = [[start]];
  const seen = new Set([start]);
  for (const way of ways) {
    const last = way.at(-1);
    if (last === end) return way;
    for (const { from, to } of edges) {
      if (from !== last || seen.has(to)) continue;
      seen.add(to);
      ways.push([...way, to]);
    }
  }
  return null;
};
