// What a check of the doctor may look at, and how it says what it found. Pure; built once per report.

import type { EdgeFacts } from '../../model/edge/edge-facts.ts';
import type { DoctorFinding, FindingStatus } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Resource } from '../../model/state/resource.ts';
import { sameCluster as isOneCluster } from '../../model/state/server.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';
import { complete, type TablesByNode } from '../complete/complete.ts';
import { indexTables } from '../context/context.ts';
import type { RequiredRight } from '../rights/required-right.ts';
import type { Grantee } from '../rights/required-rights.ts';
import { topologyRights } from './topology-rights.ts';

export interface DoctorContext {
  readonly desired: DesiredState;
  /** The nodes that could be read. */
  readonly nodes: ReadonlyMap<NodeName, NodeFacts>;
  /** What the file asks for on these nodes, wildcards expanded. */
  readonly resources: readonly Resource[];
  readonly tables: TablesByNode;
  /** What the roles that apply need, or those that are to. */
  readonly rights: readonly RequiredRight[];
  /** Both ends of every edge. */
  readonly edges: readonly EdgeFacts[];
}

/** A finding of one node, before it carries the node's name. */
export type Observation = Omit<DoctorFinding, 'node'>;

export type DoctorCheck = (node: NodeFacts, context: DoctorContext) => readonly Observation[];

export const makeContext = (
  desired: DesiredState,
  live: LiveState,
  nodes: ReadonlyMap<NodeName, NodeFacts>,
  edges: readonly EdgeFacts[],
  grantee?: Grantee,
): DoctorContext => {
  const tables = indexTables(live);
  const { resources } = complete(desired, live, tables);
  const rights = topologyRights(desired, live, grantee);
  return { desired, nodes, tables, edges, resources, rights };
};

export const observation = (
  check: string,
  status: FindingStatus,
  message: string,
  cure: readonly string[] = [],
): Observation => ({ check, status, message, cure });

/** Subscriptions of the file that this node receives. */
export const incoming = (
  { state }: NodeFacts,
  { desired }: DoctorContext,
): readonly DesiredSubscription[] =>
  desired.subscriptions.filter(({ node }) => node === state.node);

/** Subscriptions of the file that read from this node. */
export const subscriptionsFrom = (
  { state }: NodeFacts,
  { desired }: DoctorContext,
): readonly DesiredSubscription[] =>
  desired.subscriptions.filter(({ source }) => source === state.node);

/** The nodes of the file in one cluster: they share its limits and its roles. */
export const nodesOfCluster = (node: NodeFacts, { nodes }: DoctorContext): readonly NodeFacts[] => {
  const own = node.state.server;
  return [...nodes.values()].filter(({ state }) => isOneCluster(state.server, own));
};
