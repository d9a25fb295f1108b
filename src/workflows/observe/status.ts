// Status: every node and edge as it is now, judged. Read-only; both ends of each edge are looked at.

import { worstFirst } from '../../model/copy/init-state.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { worstHealth } from '../../model/edge/edge-health.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeStatus, StatusReport } from '../../model/report/status.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { didYouMean } from '../../topology/validate/did-you-mean.ts';
import { loadFile } from '../load.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { examineEdges, type Inits } from './examine-edges.ts';

export interface StatusResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: StatusReport | null;
}

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

const examine = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<StatusReport> => {
  const live = await readCatalogs(project, nodes, runtime);
  const { inits, edges, lost } = await examineEdges(project, nodes, live);
  const unread =
    Object.keys({ ...live.unreadable, ...lost }).length > 0 ? (['unknown'] as const) : [];
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
  throw new SteepError('USAGE', `steep.yaml has no node ${node}.`, {
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
  runtime: RuntimeEnvironment,
): Promise<StatusResult> => {
  const { diagnostics, report } = await status(file, runtime);
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
export const status = async (file: string, runtime: RuntimeEnvironment): Promise<StatusResult> => {
  const { topology, diagnostics } = loadFile(file, runtime);
  if (topology === null) return { diagnostics, report: null };
  const opened = { applicationName: 'steep status', readOnly: true };
  const nodes = await openNodes(topology.desired.nodes, topology.connections, opened, runtime);
  try {
    return { diagnostics, report: await examine(topology, nodes, runtime) };
  } finally {
    await nodes.close();
  }
};
