// The nodes that an imperative command works on: of steep.yaml by name, or by a connection of the command line, for
// which no file is read. No message holds any part of a connection: it may be secret.

import { assertServerSupported } from '../catalog/server/preflight.ts';
import { Conninfo } from '../model/connection/conninfo.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { UnreadNodes } from '../model/report/read-result.ts';
import type { DesiredNode } from '../model/state/state.ts';
import type { Session } from '../postgres/session.ts';
import type { LoadedTopology } from '../topology/load.ts';
import { parseConnectionText } from '../topology/parse/connection-text.ts';
import { didYouMean } from '../topology/validate/did-you-mean.ts';
import { connectionOfEnvironment } from './connection-of-environment.ts';
import { loadFile } from './load.ts';
import { type OpenNodesOptions, openNodes } from './nodes.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

/** One of the two is given; neither: libpq's variables say where. `as` names a node that only a connection is known of. */
export interface NodeChoice {
  readonly node: string | null;
  readonly connection: string | null;
  readonly as: string;
}

export interface ChosenNode {
  readonly name: string;
  /** `10.0.0.4:5432/app`. */
  readonly endpoint: string;
  /** For more sessions. */
  readonly conninfo: Conninfo;
  readonly session: Session;
  /** Where its steep_repl is. */
  readonly metadata: Session;
}

interface Opened {
  readonly outcome: 'open';
  readonly nodes: readonly ChosenNode[];
  readonly close: () => Promise<void>;
}

/** Sessions to all of them. `allowHazards`: codes that the policy of the file accepts; none where no file is read. */
export type ChosenNodes = (Opened & { readonly allowHazards: readonly string[] }) | UnreadNodes;

export interface ChoiceRequest {
  /** Path of the topology file. */
  readonly file: string;
  /** Null: every node of the file. */
  readonly choices: readonly NodeChoice[] | null;
}

/** @throws SteepError USAGE for a node that the file does not have, or a connection that cannot be read. */
export const openChosen = async (
  { file, choices }: ChoiceRequest,
  options: OpenNodesOptions,
  runtime: RuntimeEnvironment,
): Promise<ChosenNodes> => {
  const needsFile = choices === null || choices.some(({ node }) => node !== null);
  const loaded = needsFile ? loadFile(file, runtime) : nothingLoaded;
  if (needsFile && loaded.topology === null) {
    return { outcome: 'invalid file', diagnostics: loaded.diagnostics };
  }
  const known = knownFrom(loaded);
  const wanted = choices === null ? known : choices.map((choice) => chosen(choice, known, runtime));
  assertDistinct(wanted);
  const opened = await open(wanted, options, runtime);
  const allowHazards = loaded.topology?.desired.policy.allowHazards ?? [];
  return opened.outcome === 'open' ? { ...opened, allowHazards } : opened;
};

/** Of a command on one node. */
export const onlyNode = ({ nodes: [node] }: Pick<Opened, 'nodes'>): ChosenNode => {
  if (node === undefined) throw new Error('one node was asked for');
  return node;
};

const nothingLoaded: LoadedTopology = { topology: null, diagnostics: [] };

const knownFrom = ({ topology }: LoadedTopology): readonly Known[] =>
  topology === null
    ? []
    : topology.desired.nodes.flatMap((node): readonly Known[] => {
        const conninfo = topology.connections.own[node.name];
        return conninfo === undefined ? [] : [{ node, conninfo }];
      });

const assertDistinct = (wanted: readonly Known[]): void => {
  const names = wanted.map(({ node }) => node.name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw usage(`Node ${twice} is named twice.`);
};

interface Known {
  readonly node: DesiredNode;
  readonly conninfo: Conninfo;
}

const chosen = (
  choice: NodeChoice,
  known: readonly Known[],
  runtime: RuntimeEnvironment,
): Known => {
  if (choice.node === null) {
    return byConnection(choice.as, choice.connection ?? connectionOfEnvironment(runtime));
  }
  const found = known.find(({ node }) => node.name === choice.node);
  if (found !== undefined) return found;
  const names = known.map(({ node }) => node.name);
  throw usage(`steep.yaml has no node ${choice.node}.`, didYouMean(choice.node, names));
};

const byConnection = (name: string, text: string): Known => {
  const read = parseConnectionText(text);
  if (!read.ok) throw usage(`The connection of node ${name} cannot be read. ${read.message}`);
  return {
    node: { name, connectionRef: 'command line', priority: 50, metadataDatabase: null },
    conninfo: new Conninfo(read.keywords),
  };
};

const open = async (
  wanted: readonly Known[],
  options: OpenNodesOptions,
  runtime: RuntimeEnvironment,
): Promise<Opened | UnreadNodes> => {
  const own = Object.fromEntries(wanted.map(({ node, conninfo }) => [node.name, conninfo]));
  const connections = { own, replication: own };
  const nodes = wanted.map(({ node }) => node);
  const opened = await openNodes(nodes, connections, options, runtime);
  const unreadable = Object.values(opened.unreadable);
  try {
    if (unreadable.length > 0) {
      await opened.close();
      return { outcome: 'unreadable', diagnostics: unreadable };
    }
    const open = wanted.map(({ node, conninfo }): ChosenNode => {
      const session = opened.sessions.get(node.name);
      const metadata = opened.metadata.get(node.name);
      if (!session || !metadata) throw new Error(`node ${node.name} was not opened`);
      assertServerSupported(node.name, session.serverVersion);
      return { name: node.name, endpoint: conninfo.endpoint, conninfo, session, metadata };
    });
    return { outcome: 'open', nodes: open, close: opened.close };
  } catch (error) {
    await opened.close();
    throw error;
  }
};

const usage = (message: string, suggestions: readonly string[] = []): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });
