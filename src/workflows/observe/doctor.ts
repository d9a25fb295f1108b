// The doctor: reads what replication depends on, on every node and between them, and judges it. Read-only.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { exitOfErrors } from '../../model/plan/exit-of-errors.ts';
import type { DoctorReport, GrantReport } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { examine, grantReport } from '../../planner/doctor/examine.ts';
import type { GrantRequest } from '../../planner/doctor/grants.ts';
import { loadProject, type ProjectSource } from '../described-project.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import { readLive } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readDoctorFacts } from './doctor-facts.ts';
import { examineEdges } from './examine-edges.ts';

export interface DoctorResult<Report> {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: Report | null;
  readonly exit: ExitCode;
}

interface Reading {
  readonly project: Project;
  readonly live: LiveState;
  readonly facts: ReadonlyMap<NodeName, NodeFacts>;
}

/** The role may not read steep_repl: all that it lacks is known only once the rest is read. */
const readWithRefused = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const live = await readLive(project, nodes, runtime);
  const refused = Object.entries(live.unreadable).filter(([, { code }]) => code === 'PRIVILEGE');
  if (refused.length === 0) return live;
  const withoutMetadata = new Set(refused.map(([node]) => node));
  const again = await readLive({ ...project, withoutMetadata }, nodes, runtime);
  const isActing = (node: NodeName): boolean => {
    const { metadata } = again.nodes[node]?.ownership ?? {};
    return metadata?.role === metadata?.reader;
  };
  // What another role lacks is no right of the one that is judged.
  const others = refused.filter(([node]) => !isActing(node));
  const kept = Object.entries(again.nodes).filter(
    ([node]) => !withoutMetadata.has(node) || isActing(node),
  );
  return {
    ...again,
    nodes: Object.fromEntries(kept),
    unreadable: { ...again.unreadable, ...Object.fromEntries(others) },
  };
};

const readAll = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Reading> => {
  const live = await readWithRefused(project, nodes, runtime);
  const { facts, unreadable } = await readDoctorFacts(project, nodes, live, runtime);
  const readable = Object.values(live.nodes).filter(({ node }) => facts.has(node));
  return {
    project,
    facts,
    live: {
      ...live,
      nodes: Object.fromEntries(readable.map((state) => [state.node, state])),
      unreadable: { ...live.unreadable, ...unreadable },
    },
  };
};

const onNodes = async <Report>(
  source: ProjectSource,
  runtime: RuntimeEnvironment,
  judge: (reading: Reading, nodes: OpenNodes) => Report | Promise<Report>,
  exitOf: (report: Report) => ExitCode,
): Promise<DoctorResult<Report>> => {
  const { topology, diagnostics } = await loadProject(source, runtime);
  if (topology === null) return { diagnostics, report: null, exit: ExitCode.invalidFile };
  const opened = { applicationName: 'steep doctor', readOnly: true };
  const nodes = await openNodes(topology.desired.nodes, topology.connections, opened, runtime);
  try {
    const reading = await readAll(topology, nodes, runtime);
    const report = await judge(reading, nodes);
    const unread = exitOfErrors(Object.values(reading.live.unreadable));
    return { diagnostics, report, exit: unread === ExitCode.done ? exitOf(report) : unread };
  } finally {
    await nodes.close();
  }
};

const judged = ({ project, live, facts }: Reading) => ({ desired: project.desired, live, facts });

/** @throws SteepError when steep.yaml cannot be read; a node that cannot be reached is in the report. */
export const doctor = (
  source: ProjectSource,
  runtime: RuntimeEnvironment,
): Promise<DoctorResult<DoctorReport>> =>
  onNodes(
    source,
    runtime,
    async (reading, nodes) => {
      const { edges } = await examineEdges(reading.project, nodes, reading.live);
      return examine({ ...judged(reading), edges });
    },
    ({ summary }) => (summary.error > 0 ? ExitCode.error : ExitCode.done),
  );

/** The SQL that makes least-privilege roles. @throws SteepError when steep.yaml cannot be read. */
export const doctorGrants = (
  source: ProjectSource,
  request: GrantRequest,
  runtime: RuntimeEnvironment,
): Promise<DoctorResult<GrantReport>> =>
  onNodes(
    source,
    runtime,
    (reading) => grantReport(judged(reading), request),
    () => ExitCode.done,
  );
