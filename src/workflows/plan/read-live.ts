// The live state of every node: one snapshot a node, all nodes side by side.

import { readEventTriggers } from '../../catalog/foreign-code/read-event-triggers.ts';
import { readForeignCode } from '../../catalog/foreign-code/read-foreign-code.ts';
import { introspectNode } from '../../catalog/introspect.ts';
import { readFilterFaults } from '../../catalog/objects/read-filter-faults.ts';
import { readWhichHaveRows } from '../../catalog/objects/read-rows.ts';
import { checkServer } from '../../catalog/server/preflight.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { FilterFault } from '../../model/state/filter-fault.ts';
import { tableUses } from '../../model/state/foreign-code.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import { filtersToParse } from '../../planner/reading/filters-to-parse.ts';
import { tablesToExamine, tablesToProbe } from '../../planner/reading/tables-to-probe.ts';
import type { Session } from '../../postgres/session.ts';
import { asDiagnostic, type OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { differingTablesOnce } from '../schema/compare-schemas.ts';
import { readTooNew } from '../too-new/read-too-new.ts';
import { alignSchemas } from './align-schemas.ts';
import { compareSentTables } from './compare-sent-tables.ts';
import { readDumpTool } from './read-dump-tool.ts';
import { readEdgeGaps } from './read-edge-gaps.ts';
import { readMerges } from './read-merges.ts';
import { readSnapshots } from './read-snapshots.ts';

const endpointsOf = (node: NodeName, { desired, connections }: Project) =>
  desired.nodes
    .map(({ name }) => name)
    .sort((a, b) => Number(b === node) - Number(a === node))
    .flatMap((name) =>
      [connections.own[name], connections.replication[name]].flatMap((conninfo) =>
        conninfo === undefined ? [] : [{ node: name, conninfo }],
      ),
    );

/** A subscription that is renamed is known by its former names too. */
const expectedOn = (node: NodeName, { desired, connections, skipConnections }: Project) =>
  Object.fromEntries(
    desired.subscriptions.flatMap((sub) => {
      const conninfo = connections.replication[sub.source];
      if (sub.node !== node || conninfo === undefined) return [];
      const former = desired.renamed
        .filter((it) => it.kind === 'subscription' && it.node === node && it.to === sub.name)
        .map(({ from }) => from);
      return [...former, sub.name].map((name) => [
        name,
        { source: sub.source, conninfo: skipConnections === true ? null : conninfo },
      ]);
    }),
  );

/** Newer metadata than this steep knows must not be touched. */
const tooNew = (state: NodeState): Diagnostic | null =>
  state.server.metadataVersion > metadataVersion
    ? {
        severity: 'error',
        code: 'METADATA_NEWER',
        summary: 'steep_repl is newer than this version of steep',
        detail: `steep_repl on node ${state.node} has version ${state.server.metadataVersion}; this version of steep works with ${metadataVersion}.`,
        suggestions: ['Use the newer version of steep that installed it.'],
        address: `${state.node}/metadata.steep_repl`,
      }
    : null;

/** Adds to the tables of a node whether they hold rows, where a copy would fill them. */
const probe = async (
  state: NodeState,
  tables: readonly QualifiedName[],
  session: Session,
): Promise<NodeState> => {
  if (tables.length === 0) return state;
  const filled = await readWhichHaveRows(session, tables);
  const asked = new Set(tables.map(formatName));
  return {
    ...state,
    tables: state.tables.map((table) => {
      const name = formatName(table.name);
      if (!asked.has(name)) return table;
      const found = filled.get(name);
      return {
        ...table,
        hasRows: found !== undefined,
        ...(found === 'unread' && { rowsUnread: true as const }),
      };
    }),
  };
};

const readNode = async (
  node: NodeName,
  project: Project,
  nodes: OpenNodes,
): Promise<NodeState | Diagnostic> => {
  const session = nodes.sessions.get(node);
  const metadata = nodes.metadata.get(node);
  if (session === undefined || metadata === undefined) throw new Error(`node ${node} is not open`);
  try {
    const replicationRole = project.connections.replication[node]?.get('user');
    const state = await introspectNode({
      node,
      session,
      metadata,
      endpoints: endpointsOf(node, project),
      expected: expectedOn(node, project),
      ...(replicationRole !== undefined && { replicationRole }),
      ...(project.comparesApplied === true && { comparesApplied: true as const }),
      ...(project.withoutMetadata?.has(node) === true && { withoutMetadata: true as const }),
    });
    return checkServer(node, state.server)[0] ?? tooNew(state) ?? state;
  } catch (error) {
    return asDiagnostic(error, node);
  }
};

const probeAll = async (
  live: LiveState,
  project: Project,
  nodes: OpenNodes,
  again: boolean,
): Promise<LiveState> => {
  const wanted = tablesToProbe(project.desired, live, again);
  const states = await Promise.all(
    Object.values(live.nodes).map(async (state) => {
      const session = nodes.sessions.get(state.node);
      return session === undefined ? state : probe(state, wanted[state.node] ?? [], session);
    }),
  );
  return { ...live, nodes: Object.fromEntries(states.map((state) => [state.node, state])) };
};

/** Adds to each node the code of others that the tables of a plan would run: of both ends of each copy, and altered ones. */
const examineAll = async (
  live: LiveState,
  { desired }: Project,
  { sessions }: OpenNodes,
  again: boolean,
): Promise<LiveState> => {
  const wanted = tablesToExamine(desired, live, again);
  const states = await Promise.all(
    Object.values(live.nodes).map(async (state) => {
      const session = sessions.get(state.node);
      if (session === undefined) return state;
      const tables = wanted[state.node] ?? [];
      if (tables.length === 0) return state;
      const foreignCode = await session.transaction({ readOnly: true }, () =>
        readForeignCode(session, tables, tableUses),
      );
      return foreignCode.length === 0 ? state : { ...state, foreignCode };
    }),
  );
  return { ...live, nodes: Object.fromEntries(states.map((state) => [state.node, state])) };
};

/** Adds to each node the event triggers of others, of the database of steep_repl, too. */
const findEventTriggers = async (
  live: LiveState,
  { sessions, metadata }: OpenNodes,
): Promise<LiveState> => {
  const states = await Promise.all(
    Object.values(live.nodes).map(async (state) => {
      const both = [sessions.get(state.node), metadata.get(state.node)];
      const eventTriggers = await readEventTriggers(
        new Set(both.filter((session) => session !== undefined)),
      );
      return eventTriggers.length === 0 ? state : { ...state, eventTriggers };
    }),
  );
  return { ...live, nodes: Object.fromEntries(states.map((state) => [state.node, state])) };
};

/** Adds the row filters of the file that their publishers cannot parse. */
const parseFilters = async (
  live: LiveState,
  { desired }: Project,
  { sessions }: OpenNodes,
): Promise<LiveState> => {
  const found: [NodeName, readonly FilterFault[]][] = [];
  for (const [node, filters] of Object.entries(filtersToParse(desired, live))) {
    const session = sessions.get(node);
    const faults = session === undefined ? [] : await readFilterFaults(session, filters);
    if (faults.length > 0) found.push([node, faults]);
  }
  return found.length === 0 ? live : { ...live, filterFaults: Object.fromEntries(found) };
};

/**
 * Reads every node that is open; what cannot be read is in `unreadable`, with the reason. `again`: patterns of what
 * is to be initialized again.
 */
export const readLive = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
  again: readonly string[] = [],
): Promise<LiveState> => {
  const read = await readCatalogs(project, nodes, runtime);
  const filled = await probeAll(read, project, nodes, again.length > 0);
  const probed = await readDumpTool(filled, project, runtime);
  const complete = await readSnapshots(probed, project, nodes, again, runtime);
  const differing = differingTablesOnce();
  const aligned = await alignSchemas(complete, project, nodes, differing, again);
  const compared = await compareSentTables(aligned, project, nodes, differing);
  const parsed = await parseFilters(compared, project, nodes);
  const examined = await examineAll(parsed, project, nodes, again.length > 0);
  return readMerges(await findEventTriggers(examined, nodes), project, nodes, runtime);
};

/** The same, without a look into the tables that a plan would fill. */
export const readCatalogs = async (
  project: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const readAt = runtime.now().toISOString();
  const results = await Promise.all(
    [...nodes.sessions.keys()].map(
      async (node) => [node, await readNode(node, project, nodes)] as const,
    ),
  );
  const states = results.flatMap(([, result]) => ('server' in result ? [result] : []));
  const failures = results.flatMap(([node, result]) =>
    'server' in result ? [] : [[node, result] as const],
  );
  const live: LiveState = {
    readAt,
    nodes: Object.fromEntries(states.map((state) => [state.node, state])),
    unreadable: { ...nodes.unreadable, ...Object.fromEntries(failures) },
    ...(project.skipConnections === true && { connectionsSkipped: true }),
  };
  return readEdgeGaps(await readTooNew(live, project, nodes), nodes, project.desired);
};
