// What a command that only reads looks at: the topology of a file, or, without one, that of the databases of connections, as
// steep import would write it.

import type { Diagnostic } from '../model/diagnostic.ts';
import { parseAddress } from '../model/state/address.ts';
import { loadTopology } from '../topology/load.ts';
import { renderTopology } from '../topology/render.ts';
import { describeLive } from './import/describe-live.ts';
import { loadFile } from './load.ts';
import { variableName } from './plan/describe-connections.ts';
import { introspectNodes } from './plan/introspect-nodes.ts';
import { leftOutWarning } from './plan/left-out.ts';
import { findPlace, type PlaceRequest } from './primitives/place.ts';
import type { Project } from './project.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

/** The path of a file, or connections. */
export type ProjectSource = string | PlaceRequest;

export interface LoadedProject {
  /** Null where a finding is an error. */
  readonly topology: Project | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** @throws SteepError when the file cannot be read, USAGE for a connection that cannot. */
export const loadProject = async (
  source: ProjectSource,
  runtime: RuntimeEnvironment,
): Promise<LoadedProject> => {
  if (typeof source === 'string') return loadFile(source, runtime);
  const { place, diagnostics } = await findPlace(source, runtime);
  return place === null ? { topology: null, diagnostics } : described(place.project, runtime);
};

/** With the edges between these databases; a node that cannot be read is left to who asks, to say. */
const described = async (project: Project, runtime: RuntimeEnvironment): Promise<LoadedProject> => {
  const named = project.desired.nodes.flatMap(({ name }) => {
    const conninfo = project.connections.own[name];
    if (conninfo === undefined) return [];
    return [{ name, variable: variableName(name, 'url'), conninfo, metadataDatabase: null }];
  });
  const { introspection, ...rest } = await introspectNodes(named, runtime);
  if (introspection === null) return { topology: project, diagnostics: [] };
  if ('sessions' in rest) await rest.sessions.close();
  const { topology, leftOut, environment } = describeLive(introspection, new Map());
  const text = renderTopology(topology);
  const loaded = loadTopology({ text, fileName: 'the connections', environment });
  return {
    topology: loaded.topology ?? project,
    diagnostics: leftOut
      .filter(({ address }) => parseAddress(address).kind === 'subscription')
      .map(({ address, reason }) => leftOutWarning({ address, reason, cure: null })),
  };
};
