// Status: every node and edge as it is now, judged. Read-only; both ends of each edge are looked at.

import { readSnapshotsUnderWay } from '../../catalog/copies/read-snapshots.ts';
import { readVerifications } from '../../catalog/metadata/read-verifications.ts';
import { worstFirst } from '../../model/copy/init-state.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { worstHealth } from '../../model/edge/edge-health.ts';
import type { NodeStatus, StatusReport } from '../../model/report/status.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import { assertInFile } from '../assert-in-file.ts';
import { loadProject, type ProjectSource } from '../described-project.ts';
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

/** What every readable node has on record. */
const ofAllNodes = async <T>(
  nodes: OpenNodes,
  live: LiveState,
  read: (metadata: Session, metadataVersion: number) => Promise<readonly T[]>,
): Promise<readonly T[]> => {
  const found = await Promise.all(
    Object.values(live.nodes).map(async ({ node, server }) => {
      const metadata = nodes.metadata.get(node);
      return metadata === undefined ? [] : read(metadata, server.metadataVersion);
    }),
  );
  return found.flat();
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
    verifications: await ofAllNodes(nodes, live, readVerifications),
    snapshots: await ofAllNodes(nodes, live, readSnapshotsUnderWay),
    overall: worstHealth([...edges.map(({ verdict }) => verdict.health), ...unread]),
  };
};

/**
 * The same, of what one node gets and from where; null: of all.
 * @throws SteepError USAGE (exit 64) for a node that the file does not have.
 */
export const statusOf = async (
  source: ProjectSource,
  node: NodeName | null,
  runtime: RuntimeEnvironment,
): Promise<StatusResult> => {
  const { diagnostics, report } = await status(source, runtime);
  if (node === null || report === null) return { diagnostics, report };
  assertInFile(node, report.nodes);
  const edges = report.edges.filter((edge) => edge.node === node);
  const ends = new Set([node, ...edges.map(({ source }) => source)]);
  const nodes = report.nodes.filter(({ name }) => ends.has(name));
  const unread = nodes.some(({ reachable }) => !reachable) ? (['unknown'] as const) : [];
  const overall = worstHealth([...edges.map(({ verdict }) => verdict.health), ...unread]);
  const verifications = report.verifications.filter(({ address }) =>
    address.startsWith(`${node}/`),
  );
  const snapshots = report.snapshots.filter((snapshot) => snapshot.node === node);
  return { diagnostics, report: { ...report, nodes, edges, verifications, snapshots, overall } };
};

/** @throws SteepError when steep.yaml cannot be read; a node that cannot be reached is in the report. */
export const status = async (
  source: ProjectSource,
  runtime: RuntimeEnvironment,
): Promise<StatusResult> => {
  const { topology, diagnostics } = await loadProject(source, runtime);
  if (topology === null) return { diagnostics, report: null };
  const opened = { applicationName: 'steep status', readOnly: true };
  const nodes = await openNodes(topology.desired.nodes, topology.connections, opened, runtime);
  try {
    return { diagnostics, report: await examine(topology, nodes, runtime) };
  } finally {
    await nodes.close();
  }
};
