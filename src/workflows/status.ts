// Status: every node and edge as it is now, judged. Read-only; both ends of each edge are looked at.

import { setTimeout as delay } from 'node:timers/promises';
import { readInits } from '../catalog/read-inits.ts';
import type { NodeName } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import type { InitReading } from '../model/init-reading.ts';
import { worstFirst } from '../model/init-state.ts';
import type { LiveState } from '../model/state.ts';
import {
  type EdgeFacts,
  type EdgeStatus,
  judgeEdge,
  type NodeStatus,
  type StatusReport,
  worstHealth,
} from '../model/status.ts';
import { didYouMean } from '../topology/did-you-mean.ts';
import { type EdgeName, edgeFacts, edgeNames } from './edge-facts.ts';
import type { Host } from './host.ts';
import { loadFile } from './load.ts';
import { type OpenNodes, openNodes } from './nodes.ts';
import { type Project, readLive } from './read-live.ts';

export interface StatusResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: StatusReport | null;
}

/** PostgreSQL starts a failed worker again after 5 s: one look in between cannot tell. */
const secondLookMs = 5500;

/** By node and subscription. */
type Inits = ReadonlyMap<NodeName, ReadonlyMap<string, InitReading>>;

const initsOf = async (nodes: OpenNodes, live: LiveState): Promise<Inits> => {
  const inits = new Map<NodeName, ReadonlyMap<string, InitReading>>();
  for (const node of Object.keys(live.nodes)) {
    const session = nodes.metadata.get(node);
    const readings = session === undefined ? [] : await readInits(session, node);
    inits.set(node, new Map(readings.map((reading) => [reading.subscription, reading])));
  }
  return inits;
};

const nodeStatus = (name: NodeName, live: LiveState, inits: Inits): NodeStatus => {
  const state = live.nodes[name];
  if (state === undefined) {
    const found = live.unreadable[name];
    const error = { code: found?.code ?? 'UNREACHABLE', message: found?.detail ?? '' };
    return { name, reachable: false, error };
  }
  const own = new Set([...(inits.get(name)?.values() ?? [])].map(({ state: found }) => found));
  return {
    name,
    reachable: true,
    version: state.server.version,
    role: state.server.inRecovery ? 'standby' : 'primary',
    state: worstFirst.find((candidate) => own.has(candidate)) ?? null,
    metadataVersion: state.server.metadataVersion,
  };
};

const errorsOf = ({ applyErrors, syncErrors }: EdgeFacts): number =>
  (applyErrors ?? 0) + (syncErrors ?? 0);

const factsOf = (
  edge: EdgeName,
  project: Project,
  live: LiveState,
  inits: Inits,
  errorsMoving: boolean | null,
): EdgeFacts =>
  edgeFacts(edge, {
    desired: project.desired,
    live,
    init: inits.get(edge.node)?.get(edge.subscription) ?? null,
    errorsMoving,
  });

/** A second look at edges that failed at some time: do they fail now? */
const lookTwice = async (
  first: readonly EdgeFacts[],
  project: Project,
  nodes: OpenNodes,
  inits: Inits,
  host: Host,
): Promise<readonly EdgeFacts[]> => {
  if (!first.some((edge) => edge.enabled && errorsOf(edge) > 0)) return first;
  await delay(secondLookMs);
  const live = await readLive(project, nodes, host);
  return first.map((before) => {
    const after = factsOf(before, project, live, inits, null);
    return factsOf(before, project, live, inits, errorsOf(after) > errorsOf(before));
  });
};

const judge = (edge: EdgeFacts, maxLag: number): EdgeStatus => ({
  ...edge,
  verdict: judgeEdge(edge, maxLag),
});

const examine = async (project: Project, nodes: OpenNodes, host: Host): Promise<StatusReport> => {
  const live = await readLive(project, nodes, host);
  const inits = await initsOf(nodes, live);
  const first = edgeNames(project.desired, live).map((edge) =>
    factsOf(edge, project, live, inits, null),
  );
  const facts = await lookTwice(first, project, nodes, inits, host);
  const edges = facts.map((edge) => judge(edge, project.desired.policy.maxLag));
  const unread = Object.keys(live.unreadable).length > 0 ? (['unknown'] as const) : [];
  return {
    readAt: live.readAt,
    nodes: project.desired.nodes.map(({ name }) => nodeStatus(name, live, inits)),
    edges,
    overall: worstHealth([...edges.map(({ verdict }) => verdict.health), ...unread]),
  };
};

/** @throws SteepError USAGE (exit 64), with what may have been meant. */
export const assertInFile = (
  node: NodeName,
  nodes: readonly { readonly name: NodeName }[],
): void => {
  const names = nodes.map(({ name }) => name);
  if (names.includes(node)) return;
  throw new SteepError('USAGE', `The file has no node ${node}.`, {
    exit: ExitCode.usage,
    suggestions: didYouMean(node, names),
  });
};

/**
 * The same, of what one node gets and from where; null: of all.
 * @throws SteepError USAGE (exit 64) for a node that the file does not have.
 */
export const statusOf = async (
  file: string,
  node: NodeName | null,
  host: Host,
): Promise<StatusResult> => {
  const { diagnostics, report } = await status(file, host);
  if (node === null || report === null) return { diagnostics, report };
  assertInFile(node, report.nodes);
  const edges = report.edges.filter((edge) => edge.node === node);
  const ends = new Set([node, ...edges.map(({ source }) => source)]);
  const nodes = report.nodes.filter(({ name }) => ends.has(name));
  const unread = nodes.some(({ reachable }) => !reachable) ? (['unknown'] as const) : [];
  const overall = worstHealth([...edges.map(({ verdict }) => verdict.health), ...unread]);
  return { diagnostics, report: { ...report, nodes, edges, overall } };
};

/** @throws SteepError when steep.yaml cannot be read; a node that cannot be reached is in the report. */
export const status = async (file: string, host: Host): Promise<StatusResult> => {
  const { topology, diagnostics } = loadFile(file, host);
  if (topology === null) return { diagnostics, report: null };
  const opened = { applicationName: 'steep status', readOnly: true };
  const nodes = await openNodes(topology.desired.nodes, topology.connections, opened, host);
  try {
    return { diagnostics, report: await examine(topology, nodes, host) };
  } finally {
    await nodes.close();
  }
};
