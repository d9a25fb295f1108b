// What steep init prepare and complete work on: steep.yaml, or without one the subscription that the command line names,
// between two databases.

import type { DesiredSubscription } from '../../model/state/state.ts';
import { type LoadedProject, loadProject } from '../described-project.ts';
import { withDesiredEdge } from '../primitives/desired-edge.ts';
import { findPlace, type PlaceRequest } from '../primitives/place.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { broughtByHand, type EdgeRequest } from './init-edge.ts';

/** Without steep.yaml. */
export interface ManualPlace {
  readonly place: PlaceRequest;
  readonly name: string;
  readonly publications: readonly string[];
  readonly slot: string | null;
}

const asManual = (sub: DesiredSubscription): DesiredSubscription => ({ ...sub, init: 'manual' });

const betweenConnections = async (
  { place: request, name, publications, slot }: ManualPlace,
  { node, source }: EdgeRequest,
  runtime: RuntimeEnvironment,
): Promise<LoadedProject> => {
  const { place, diagnostics } = await findPlace(request, runtime);
  if (place === null) return { topology: null, diagnostics };
  const copy = { method: 'none', workers: null, schemaSync: null } as const;
  const subscription = { ...copy, name, publications, slot, enabled: true, options: {} };
  const ends = { ...place, node, peer: source };
  const project = withDesiredEdge(subscription, ends);
  const { desired } = project;
  // The node that is filled need not be there yet.
  const missing = desired.nodes.some((it) => it.name === node)
    ? []
    : [{ name: node, connectionRef: 'command line', priority: 50, metadataDatabase: null }];
  const topology: Project = {
    ...project,
    withoutFile: true,
    desired: {
      ...desired,
      nodes: [...desired.nodes, ...missing],
      subscriptions: desired.subscriptions.map(asManual),
    },
  };
  return { topology, diagnostics };
};

/** @throws SteepError as loadProject does. */
export const loadManual = async (
  file: string,
  manual: ManualPlace | null,
  edge: EdgeRequest,
  runtime: RuntimeEnvironment,
): Promise<LoadedProject> => {
  if (manual !== null) return betweenConnections(manual, edge, runtime);
  const { topology, diagnostics } = await loadProject(file, runtime);
  if (topology === null) return { topology, diagnostics };
  return { topology: { ...topology, desired: broughtByHand(topology.desired) }, diagnostics };
};
