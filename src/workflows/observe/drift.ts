// Drift: live against what was last applied. Read-only by contract: its sessions open read-only, take no
// lock, and send only SELECT.

import { readLostOwnership } from '../../catalog/metadata/read-lost-ownership.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type {
  DriftClass,
  DriftOutcome,
  DriftReport,
  IgnoreRule,
} from '../../model/report/drift.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LostOwnership } from '../../model/state/applied.ts';
import type { DriftInput } from '../../planner/drift/drift-context.ts';
import { makeDriftReport } from '../../planner/drift/make-drift-report.ts';
import { toFailure } from '../../postgres/failures.ts';
import { runsInProgress } from '../apply/runs-in-progress.ts';
import { loadFile } from '../load.ts';
import { asDiagnostic, type OpenNodes, openNodes } from '../nodes.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readSchemas, withoutNode } from '../schema/read-schemas.ts';
import { verifyManaged } from '../verify/verify-managed.ts';
import { examineEdges } from './examine-edges.ts';

export interface DriftRequest {
  /** Path of steep.yaml. */
  readonly file: string;
  readonly classes: readonly DriftClass[];
  /** See LoadOptions. */
  readonly skipConnections?: boolean;
}

export interface DriftResult {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: DriftReport | null;
}

interface WatchedProject extends Project {
  readonly ignoreRules: readonly IgnoreRule[];
}

const lostOn = async (
  node: NodeName,
  nodes: OpenNodes,
): Promise<readonly LostOwnership[] | Diagnostic> => {
  const session = nodes.metadata.get(node);
  if (session === undefined) return [];
  try {
    return await readLostOwnership(session, node);
  } catch (error) {
    return asDiagnostic(toFailure(error, { node, doing: 'reading the audit log' }), node);
  }
};

type Reading = Pick<DriftInput, 'live' | 'lost' | 'notes'>;

/** The catalogs, and the rows that a user deleted; a node that refuses either was not read. */
const readAll = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Reading> => {
  const notes = await runsInProgress(nodes);
  const first = await readCatalogs({ ...project, comparesApplied: true }, nodes, runtime);
  const installed = Object.values(first.nodes).filter(({ server }) => server.metadataVersion > 0);
  const results = await Promise.all(
    installed.map(async ({ node }) => [node, await lostOn(node, nodes)] as const),
  );
  const live = results.reduce(
    (state, [node, result]) => ('code' in result ? withoutNode(state, node, result) : state),
    first,
  );
  const lost = results.flatMap(([, result]) => ('code' in result ? [] : result));
  return { live, lost, notes };
};

const examine = async (
  { classes }: DriftRequest,
  project: WatchedProject,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
  startedAt: number,
): Promise<DriftReport> => {
  const { live, ...reading } = await readAll(project, nodes, runtime);
  const schemas = classes.includes('schema')
    ? await readSchemas(project.desired, live, nodes)
    : { live, schemas: {} };
  const { edges, lost: gone } = classes.includes('runtime')
    ? await examineEdges(project, nodes, live)
    : { edges: [], lost: {} };
  const verified = classes.includes('data')
    ? await verifyManaged({ desired: project.desired, live: schemas.live, nodes }, runtime)
    : [];
  return makeDriftReport({
    ...reading,
    ...schemas,
    verified,
    desired: project.desired,
    edges,
    gone,
    classes,
    rules: project.ignoreRules,
    today: runtime.now().toISOString().slice(0, 'YYYY-MM-DD'.length),
    elapsedMs: Math.round(runtime.clock() - startedAt),
  });
};

/** @throws SteepError when steep.yaml cannot be read; a node that cannot be read is in the report. */
export const drift = async (
  request: DriftRequest,
  runtime: RuntimeEnvironment,
): Promise<DriftResult> => {
  const startedAt = runtime.clock();
  const { topology, diagnostics } = loadFile(request.file, runtime, {
    skipConnections: request.skipConnections === true,
  });
  if (topology === null) return { diagnostics, report: null };
  const opened = { applicationName: 'steep drift', readOnly: true };
  const nodes = await openNodes(topology.desired.nodes, topology.connections, opened, runtime);
  try {
    return { diagnostics, report: await examine(request, topology, nodes, runtime, startedAt) };
  } finally {
    await nodes.close();
  }
};

/** How drift ends: an answer that is not known outranks a difference. */
export const exitOfDrift: { readonly [O in DriftOutcome]: ExitCode } = {
  none: ExitCode.done,
  drift: ExitCode.difference,
  incomplete: ExitCode.incomplete,
};
