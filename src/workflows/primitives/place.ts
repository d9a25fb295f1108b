// Where a primitive works: on a node of steep.yaml, or on the database of a connection, without any file. Others that it must
// see to judge the change come along: all nodes of the file, or those of --peer-connection.

import { readNodeNames } from '../../catalog/metadata/read-node-names.ts';
import { Conninfo } from '../../model/connection/conninfo.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredNode, DesiredState } from '../../model/state/state.ts';
import { parseConnectionText } from '../../topology/parse/connection-text.ts';
import { resolvePolicy } from '../../topology/resolve/resolve-policy.ts';
import { assertInFile } from '../assert-in-file.ts';
import { connectionOfEnvironment } from '../connection-of-environment.ts';
import { loadFile } from '../load.ts';
import { openNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

/** As the command line says it; null: not given. */
export interface PlaceRequest {
  /** Path of steep.yaml. */
  readonly file: string;
  readonly node: NodeName | null;
  readonly connection: string | null;
  /** The name of the node of the connection; null: the one that it is registered by. */
  readonly as: NodeName | null;
  /** The other node of an edge. */
  readonly peer: NodeName | null;
  readonly peerConnection: string | null;
  /** The name of the node of that connection; absent: the one that it is registered by. */
  readonly peerAs?: NodeName | null;
}

export interface PrimitivePlace {
  /** Every node that is looked at; nothing is desired of them. */
  readonly project: Project;
  readonly node: NodeName;
  readonly peer: NodeName | null;
}

/** Findings about the file; with errors, nothing is done. */
export type FoundPlace =
  | { readonly place: PrimitivePlace; readonly diagnostics: readonly Diagnostic[] }
  | { readonly place: null; readonly diagnostics: readonly Diagnostic[] };

const usage = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });

/** @throws SteepError USAGE (exit 64) for a node that the file does not have, or a connection that cannot be read. */
export const findPlace = (
  request: PlaceRequest,
  runtime: RuntimeEnvironment,
): Promise<FoundPlace> =>
  request.node === null ? byConnection(request, runtime) : inFile(request, request.node, runtime);

/** Nothing of the file is desired, but its policy and the ways to its nodes hold. */
const withoutObjects = (desired: DesiredState): DesiredState => ({
  ...desired,
  publications: [],
  subscriptions: [],
  removed: [],
  renamed: [],
});

const inFile = async (
  { file, peer, peerConnection }: PlaceRequest,
  node: NodeName,
  runtime: RuntimeEnvironment,
): Promise<FoundPlace> => {
  const { topology, diagnostics } = loadFile(file, runtime);
  if (topology === null) return { place: null, diagnostics };
  const { desired, connections } = topology;
  assertInFile(node, desired.nodes);
  if (peer !== null) assertInFile(peer, desired.nodes);
  const project = { ...topology, desired: withoutObjects(desired), connections };
  if (peerConnection === null) return { place: { project, node, peer }, diagnostics };
  const other = await named(peerConnection, null, 'peer', runtime);
  return { place: { project: withNode(project, other), node, peer: other.name }, diagnostics };
};

const empty: Project = {
  desired: {
    nodes: [],
    publications: [],
    subscriptions: [],
    removed: [],
    renamed: [],
    policy: resolvePolicy({}, null),
  },
  connections: { own: {}, replication: {} },
};

const byConnection = async (
  { connection, as, peer, peerConnection, peerAs = null }: PlaceRequest,
  runtime: RuntimeEnvironment,
): Promise<FoundPlace> => {
  if (peer !== null) {
    throw usage(
      '--peer names a node of steep.yaml.',
      'Use --peer-connection URI with --connection.',
    );
  }
  const own = await named(connection ?? connectionOfEnvironment(runtime), as, 'target', runtime);
  const project = withNode(empty, own);
  if (peerConnection === null) {
    return { place: { project, node: own.name, peer: null }, diagnostics: [] };
  }
  const other = await named(peerConnection, peerAs, 'peer', runtime);
  if (other.name === own.name) {
    throw usage(`Both connections lead to node ${own.name}.`, 'Name one of them with --as NAME.');
  }
  return {
    place: { project: withNode(project, other), node: own.name, peer: other.name },
    diagnostics: [],
  };
};

interface Named {
  readonly name: NodeName;
  readonly conninfo: Conninfo;
}

const nodeOf = (name: NodeName): DesiredNode => ({
  name,
  connectionRef: 'command line',
  priority: 50,
  metadataDatabase: null,
});

const withNode = (project: Project, { name, conninfo }: Named): Project => {
  const { desired, connections } = project;
  return {
    ...project,
    desired: { ...desired, nodes: [...desired.nodes, nodeOf(name)] },
    connections: {
      own: { ...connections.own, [name]: conninfo },
      replication: { ...connections.replication, [name]: conninfo },
    },
  };
};

/** A node is called what it is registered as: so its objects are known to be managed, or not. */
const named = async (
  text: string,
  as: NodeName | null,
  otherwise: NodeName,
  runtime: RuntimeEnvironment,
): Promise<Named> => {
  const read = parseConnectionText(text);
  if (!read.ok)
    throw usage(`The connection of node ${as ?? otherwise} cannot be read. ${read.message}`);
  const conninfo = new Conninfo(read.keywords);
  return { name: as ?? (await registeredName(conninfo, runtime)) ?? otherwise, conninfo };
};

/** Null: under none, or under several; why a server cannot be read is said when it is opened again. */
const registeredName = async (
  conninfo: Conninfo,
  runtime: RuntimeEnvironment,
): Promise<NodeName | null> => {
  const connections = { own: { node: conninfo }, replication: {} };
  const opened = { applicationName: 'steep', readOnly: true };
  const nodes = await openNodes([nodeOf('node')], connections, opened, runtime);
  try {
    const session = nodes.sessions.get('node');
    const names = session === undefined ? [] : await readNodeNames(session);
    return names.length === 1 ? (names[0] ?? null) : null;
  } finally {
    await nodes.close();
  }
};
