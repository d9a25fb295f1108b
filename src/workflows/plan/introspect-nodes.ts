// Looks at the named servers as import needs it: the live state, and what the catalogs hold in addition. Read-only.
// Connection strings stay inside of Conninfo.

import { readMetadataPlace } from '../../catalog/metadata/read-metadata-place.ts';
import { readSubscriptionConnections } from '../../catalog/server/read-conninfos.ts';
import type { Connections, Conninfo } from '../../model/connection/conninfo.ts';
import { type Diagnostic, hasErrors } from '../../model/diagnostic.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { openSession } from '../../postgres/session.ts';
import type { SubscriptionConnections } from '../import/describe-edges.ts';
import { asDiagnostic, type OpenNodes, openNodes, sessionOptions } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readLive } from './read-live.ts';

/** One node as it was named on the command line. */
export interface NamedNode {
  readonly name: NodeName;
  readonly variable: string;
  readonly conninfo: Conninfo;
  /** Where steep_repl must live because the node's own database publishes every table. */
  readonly metadataDatabase: string | null;
}

/** All that import knows of the servers. */
export interface Introspection {
  readonly nodes: readonly NamedNode[];
  readonly live: LiveState;
  readonly connections: SubscriptionConnections;
}

/** An introspection, and the sessions it was made with; or why a node could not be read. */
export type IntrospectionResult =
  | { readonly introspection: Introspection; readonly sessions: OpenNodes }
  | { readonly introspection: null; readonly diagnostics: readonly Diagnostic[] };

const opened = { applicationName: 'steep import', readOnly: true };

/** Opens and reads every node. Who gets sessions closes them. */
export const introspectNodes = async (
  named: readonly NamedNode[],
  runtime: RuntimeEnvironment,
): Promise<IntrospectionResult> => {
  const nodes = await Promise.all(named.map((node) => withMetadataPlace(node, runtime)));
  const project = projectOf(nodes);
  const sessions = await openNodes(project.desired.nodes, project.connections, opened, runtime);
  try {
    const live = await readLive(project, sessions, runtime);
    const diagnostics = Object.values(live.unreadable);
    if (!hasErrors(diagnostics))
      return { introspection: await look(nodes, live, sessions), sessions };
    await sessions.close();
    return { introspection: null, diagnostics };
  } catch (error) {
    await sessions.close();
    throw error;
  }
};

/** A file with these nodes and nothing else. */
const projectOf = (nodes: readonly NamedNode[]): Project => {
  const own = Object.fromEntries(nodes.map(({ name, conninfo }) => [name, conninfo]));
  const connections: Connections = { own, replication: own };
  const desired: DesiredState = {
    nodes: nodes.map(({ name, variable, metadataDatabase }) => ({
      name,
      connectionRef: `env:${variable}`,
      priority: 50,
      metadataDatabase,
    })),
    publications: [],
    subscriptions: [],
    removed: [],
    renamed: [],
    policy: { copyConfirmAbove: 0, copyRate: null, maxLag: 0, allowHazards: [] },
  };
  return { desired, connections };
};

const look = async (
  nodes: readonly NamedNode[],
  live: LiveState,
  { sessions }: OpenNodes,
): Promise<Introspection> => {
  const connections = new Map<NodeName, ReadonlyMap<string, Conninfo>>();
  await Promise.all(
    [...sessions].map(async ([node, session]) => {
      connections.set(node, await readSubscriptionConnections(session));
    }),
  );
  return { nodes, live, connections };
};

/** The database that every cluster has, unless a user dropped it. */
const otherDatabase = 'postgres';

/** Beside a publication FOR ALL TABLES steep_repl needs another database, where there is one that is fit. */
const withMetadataPlace = async (
  node: NamedNode,
  runtime: RuntimeEnvironment,
): Promise<NamedNode> => {
  const own = await readPlace(node.name, node.conninfo, runtime);
  if (own === null || !own.publishesAll || own.installed) return node;
  const other = node.conninfo.with({ dbname: otherDatabase });
  const place = await readPlace(node.name, other, runtime);
  const fit = place !== null && !place.publishesAll && other.endpoint !== node.conninfo.endpoint;
  return fit ? { ...node, metadataDatabase: otherDatabase } : node;
};

/** Null: the database cannot be read; the introspection itself says why. */
const readPlace = async (node: NodeName, conninfo: Conninfo, runtime: RuntimeEnvironment) => {
  const connections = { own: {}, replication: {} };
  try {
    const session = await openSession(conninfo, sessionOptions(node, connections, opened, runtime));
    try {
      return await readMetadataPlace(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    asDiagnostic(error, node);
    return null;
  }
};
