// Opens a session to each node, side by side. A node that cannot be reached is a finding, not the end.

import type { NodeName } from '../model/address.ts';
import type { Connections, Conninfo } from '../model/conninfo.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { SteepError } from '../model/errors.ts';
import type { DesiredNode } from '../model/state.ts';
import { openSession, type Session, type SessionOptions } from '../postgres/session.ts';
import type { Host } from './host.ts';

export interface OpenNodes {
  readonly sessions: ReadonlyMap<NodeName, Session>;
  /** Where steep_repl of each node is: the same session, unless metadata_database is set. */
  readonly metadata: ReadonlyMap<NodeName, Session>;
  readonly unreadable: Readonly<Record<NodeName, Diagnostic>>;
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  readonly applicationName: string;
  readonly readOnly: boolean;
}

/** The connection string of a source, for statements that carry it to a subscriber. */
const secretsOf =
  (connections: Connections) =>
  (source: string): string => {
    const conninfo = connections.replication[source];
    if (conninfo === undefined) throw new Error(`node ${source} has no connection`);
    return conninfo.text;
  };

/** A walsender session to a node, which also takes the commands of the replication protocol. */
export const openReplication = (
  node: NodeName,
  connections: Connections,
  applicationName: string,
  host: Host,
): Promise<Session> =>
  openSession(conninfoOf(node, connections), {
    ...sessionOptions(node, connections, { applicationName, readOnly: false }, host),
    replication: 'database',
  });

const conninfoOf = (node: NodeName, { own }: Connections): Conninfo => {
  const conninfo = own[node];
  if (conninfo === undefined) throw new Error(`node ${node} has no connection`);
  return conninfo;
};

export const sessionOptions = (
  node: NodeName,
  connections: Connections,
  options: OpenOptions,
  host: Host,
): SessionOptions => ({
  node,
  applicationName: options.applicationName,
  readOnly: options.readOnly,
  secrets: secretsOf(connections),
  onStatement: (statement) => host.onStatement?.(node, statement),
});

/** A failure as a finding about its node. */
export const asDiagnostic = (error: unknown, node: NodeName): Diagnostic => {
  if (!(error instanceof SteepError)) throw error;
  return {
    severity: 'error',
    code: error.code,
    summary: `Node ${node} could not be read`,
    detail: error.message,
    suggestions: error.suggestions,
    address: `${node}/node.${node}`,
  };
};

interface Opened {
  readonly session: Session;
  readonly metadata: Session;
}

const openNode = async (
  node: DesiredNode,
  connections: Connections,
  options: OpenOptions,
  host: Host,
): Promise<Opened> => {
  const conninfo = conninfoOf(node.name, connections);
  const settings = sessionOptions(node.name, connections, options, host);
  const session = await openSession(conninfo, settings);
  if (node.metadataDatabase === null) return { session, metadata: session };
  const other = conninfo.with({ dbname: node.metadataDatabase });
  return { session, metadata: await openSession(other, settings) };
};

/** Connects to all nodes; those that fail are in `unreadable`. */
export const openNodes = async (
  nodes: readonly DesiredNode[],
  connections: Connections,
  options: OpenOptions,
  host: Host,
): Promise<OpenNodes> => {
  const sessions = new Map<NodeName, Session>();
  const metadata = new Map<NodeName, Session>();
  const unreadable: Record<NodeName, Diagnostic> = {};
  await Promise.all(
    nodes.map(async (node) => {
      try {
        const opened = await openNode(node, connections, options, host);
        sessions.set(node.name, opened.session);
        metadata.set(node.name, opened.metadata);
      } catch (error) {
        unreadable[node.name] = asDiagnostic(error, node.name);
      }
    }),
  );
  const close = async (): Promise<void> => {
    await Promise.all(
      [...sessions.values(), ...metadata.values()].map((session) => session.close()),
    );
  };
  return { sessions, metadata, unreadable, close };
};
