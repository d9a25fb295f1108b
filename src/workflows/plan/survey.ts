// Looks at the named servers as import needs it: the live state, and what the catalogs hold besides.
// Read-only. Connection strings stay inside of Conninfo.

import { readMetadataRoom } from '../../catalog/metadata/read-metadata-room.ts';
import { readSubscriptionConnections } from '../../catalog/server/read-conninfos.ts';
import type { Connections, Conninfo } from '../../model/connection/conninfo.ts';
import { type Diagnostic, hasErrors } from '../../model/diagnostic.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { openSession } from '../../postgres/session.ts';
import type { Host } from '../host.ts';
import type { SubscriptionConnections } from '../import/describe-edges.ts';
import { asDiagnostic, type OpenNodes, openNodes, sessionOptions } from '../nodes.ts';
import type { Project } from '../project.ts';
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
export interface Survey {
  readonly nodes: readonly NamedNode[];
  readonly live: LiveState;
  readonly connections: SubscriptionConnections;
}

/** A survey, and the sessions it was made with; or why a node could not be read. */
export type SurveyResult =
  | { readonly survey: Survey; readonly sessions: OpenNodes }
  | { readonly survey: null; readonly diagnostics: readonly Diagnostic[] };

const opened = { applicationName: 'steep import', readOnly: true };

/** Opens and reads every node. Who gets sessions closes them. */
export const surveyNodes = async (
  named: readonly NamedNode[],
  host: Host,
): Promise<SurveyResult> => {
  const nodes = await Promise.all(named.map((node) => withMetadataRoom(node, host)));
  const project = projectOf(nodes);
  const sessions = await openNodes(project.desired.nodes, project.connections, opened, host);
  try {
    const live = await readLive(project, sessions, host);
    const diagnostics = Object.values(live.unreadable);
    if (!hasErrors(diagnostics)) return { survey: await look(nodes, live, sessions), sessions };
    await sessions.close();
    return { survey: null, diagnostics };
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
): Promise<Survey> => {
  const connections = new Map<NodeName, ReadonlyMap<string, Conninfo>>();
  await Promise.all(
    [...sessions].map(async ([node, session]) => {
      connections.set(node, await readSubscriptionConnections(session));
    }),
  );
  return { nodes, live, connections };
};

/** The database that every cluster has, unless somebody dropped it. */
const otherDatabase = 'postgres';

/** Beside a publication FOR ALL TABLES steep_repl needs another database, where there is one that is fit. */
const withMetadataRoom = async (node: NamedNode, host: Host): Promise<NamedNode> => {
  const own = await metadataRoom(node.name, node.conninfo, host);
  if (own === null || !own.publishesAll || own.installed) return node;
  const other = node.conninfo.with({ dbname: otherDatabase });
  const room = await metadataRoom(node.name, other, host);
  const fit = room !== null && !room.publishesAll && other.endpoint !== node.conninfo.endpoint;
  return fit ? { ...node, metadataDatabase: otherDatabase } : node;
};

/** Null: the database cannot be read; the survey itself says why. */
const metadataRoom = async (node: NodeName, conninfo: Conninfo, host: Host) => {
  const connections = { own: {}, replication: {} };
  try {
    const session = await openSession(conninfo, sessionOptions(node, connections, opened, host));
    try {
      return await readMetadataRoom(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    asDiagnostic(error, node);
    return null;
  }
};
