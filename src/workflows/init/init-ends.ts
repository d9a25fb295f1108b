// The two ends of a manual initialization: locked, since what is found out must still hold when it is acted upon.

import { readPlace } from '../../catalog/server/read-physical-copy.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredSubscription, LiveState, NodeState } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import type { OpenNodes } from '../nodes.ts';
import { nodesNamed, type Run } from '../operation/open-run.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

/** The two nodes of an edge, read under their run locks. */
export interface EdgeEnds {
  readonly edge: DesiredSubscription;
  readonly live: LiveState;
  readonly source: NodeState;
  readonly node: NodeState;
  readonly session: (node: NodeName) => Session;
  readonly metadata: (node: NodeName) => Session;
}

const mustHave = (sessions: ReadonlyMap<NodeName, Session>, node: NodeName): Session => {
  const session = sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

/** Both nodes as they are. @throws SteepError when one of them cannot be read, or is still a standby. */
export const readEnds = async (
  project: Project,
  edge: DesiredSubscription,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<EdgeEnds> => {
  const live = await readCatalogs(project, nodes, runtime);
  for (const name of [edge.source, edge.node]) {
    const found = live.unreadable[name];
    if (found === undefined) continue;
    // A standby is not restored yet: that is no unknown.
    if (found.code === 'IN_RECOVERY') throw unreadError(found, found.detail, ExitCode.refused);
    throw unreadError(found, found.detail);
  }
  const [source, node] = [live.nodes[edge.source], live.nodes[edge.node]];
  if (source === undefined || node === undefined) throw new Error('a node was not read');
  return {
    edge,
    live,
    source,
    node,
    session: (name) => mustHave(nodes.sessions, name),
    metadata: (name) => mustHave(nodes.metadata, name),
  };
};

/** Its lock could not be taken twice. */
const assertTwoDatabases = async (
  { node, source }: DesiredSubscription,
  sessions: readonly Session[],
): Promise<void> => {
  const [one, other] = await Promise.all(sessions.map(readPlace));
  if (one?.started !== other?.started || one?.database !== other?.database) return;
  throw new SteepError('INIT_WRONG_NODE', `Nodes ${node} and ${source} are the same database.`, {
    exit: ExitCode.refused,
    suggestions: ['Check the connections in steep.yaml.'],
  });
};

/** @throws SteepError INIT_WRONG_NODE (exit 3), RUN_LOCKED (exit 5). */
export const lockEnds = async (
  edge: DesiredSubscription,
  nodes: OpenNodes,
  run: Run,
): Promise<void> => {
  const both = nodesNamed(nodes, new Set([edge.source, edge.node]));
  if (both.length === 2) {
    await assertTwoDatabases(
      edge,
      both.map(({ session }) => session),
    );
  }
  await run.lock(both);
};
