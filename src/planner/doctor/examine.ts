// All checks of the doctor, over all nodes, as one report. A node that could not be read is unknown, never well.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { EdgeFacts } from '../../model/edge/edge-facts.ts';
import {
  type DoctorFinding,
  type DoctorNode,
  type DoctorReport,
  findingStatuses,
  type GrantReport,
} from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { type DoctorCheck, type DoctorContext, makeContext } from './context.ts';
import { edgeCheck, faultsOfEdges } from './edges.ts';
import { type GrantRequest, grantScript, ownRole } from './grants.ts';
import { limitChecks, limitLines } from './limits.ts';
import { identityCheck } from './published.ts';
import { replicationChecks } from './replication.ts';
import { rightChecks } from './rights.ts';
import { clockCheck, metadataCheck, poolerCheck, textCheck, versionCheck } from './server.ts';
import { settingChecks } from './settings.ts';
import { failoverCheck, secretCheck, slotCheck } from './slots.ts';

export interface DoctorInput {
  readonly desired: DesiredState;
  readonly live: LiveState;
  /** Of every node in `live.nodes`. */
  readonly facts: ReadonlyMap<NodeName, NodeFacts>;
  /** Both ends of every edge. */
  readonly edges: readonly EdgeFacts[];
}

const checks: readonly DoctorCheck[] = [
  versionCheck,
  poolerCheck,
  settingChecks,
  limitChecks,
  rightChecks,
  metadataCheck,
  replicationChecks,
  edgeCheck,
  slotCheck,
  identityCheck,
  secretCheck,
  failoverCheck,
  textCheck,
  clockCheck,
];

/** The worst first, else in the order of the checks. */
const findingsOf = (node: NodeFacts, context: DoctorContext): readonly DoctorFinding[] => {
  const all = checks.flatMap((check) =>
    check(node, context).map((found) => ({ node: node.state.node, ...found })),
  );
  return findingStatuses.flatMap((status) => all.filter((found) => found.status === status));
};

const readableNode = (node: NodeFacts, context: DoctorContext): DoctorNode => {
  const { server } = node.state;
  return {
    name: node.state.node,
    readable: true,
    endpoint: `${server.host}:${server.port}/${server.database}`,
    version: server.version,
    role: server.role.name,
    limits: limitLines(node, context),
    findings: findingsOf(node, context),
  };
};

/** What the publishers tell of its edges is known all the same. */
const unreadableNode = (
  name: NodeName,
  found: Diagnostic | undefined,
  context: DoctorContext,
): DoctorNode => {
  const error = {
    code: found?.code ?? 'UNREACHABLE',
    message: found?.detail ?? `Node ${name} could not be read.`,
  };
  const cure = found?.suggestions ?? [];
  return {
    name,
    readable: false,
    error,
    findings: [
      { node: name, check: 'connection', status: 'error', message: error.message, cure },
      ...faultsOfEdges(name, context).map((fault) => ({ node: name, ...fault })),
    ],
  };
};

/** Judges what was read. The same facts give the same report. */
export const examine = ({ desired, live, facts, edges }: DoctorInput): DoctorReport => {
  const context = makeContext(desired, live, facts, edges);
  const nodes = desired.nodes.map(({ name }) => {
    const node = facts.get(name);
    return node === undefined
      ? unreadableNode(name, live.unreadable[name], context)
      : readableNode(node, context);
  });
  const findings = nodes.flatMap((node) => node.findings);
  const count = (status: DoctorFinding['status']): number =>
    findings.filter((found) => found.status === status).length;
  return {
    readAt: live.readAt,
    nodes,
    summary: {
      error: count('error'),
      warning: count('warning'),
      unknown: count('unknown'),
      ok: count('ok'),
    },
  };
};

/** The scripts of grants of all nodes, in the order of the file. */
export const grantReport = (
  { desired, live, facts }: Omit<DoctorInput, 'edges'>,
  request: GrantRequest,
): GrantReport => {
  const context = makeContext(desired, live, facts, [], (state) => ownRole({ state }, request));
  return {
    readAt: live.readAt,
    nodes: desired.nodes.map(({ name }) => {
      const node = facts.get(name);
      return node === undefined
        ? { name, readable: false, version: null, database: null, grants: [] }
        : grantScript(node, context, request);
    }),
  };
};
