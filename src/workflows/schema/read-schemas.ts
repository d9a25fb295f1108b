// The tables of managed edges, as they are and as they are on record: roots of schemas first, then fingerprints, and
// definitions only of tables that differ. Only SELECT. A node that fails counts as not read.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { TableRecord } from '../../model/state/table-record.ts';
import { type ComparedState, compareStates } from '../../planner/drift/compared-state.ts';
import { type ManagedEdge, managedEdges } from '../../planner/drift/managed-edges.ts';
import {
  type SchemaReading,
  type SchemaReadings,
  tablesInDoubt,
  tablesOfEdges,
} from '../../planner/drift/schema-reading.ts';
import { compareRoots } from '../../planner/schema/compare-fingerprints.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { readDefinitions } from '../../schema/read-definitions.ts';
import { readRoots, readTableFingerprints } from '../../schema/read-fingerprints.ts';
import {
  readRecordedDefinitions,
  readRecordedRoots,
  readRecords,
} from '../../schema/read-records.ts';
import { theseTables } from '../../schema/scope.ts';
import {
  type FedTable,
  readRecordedSequences,
  readSequenceStates,
} from '../../schema/sequence-states.ts';
import { asDiagnostic, type OpenNodes } from '../nodes.ts';

type Desired = ComparedState['desired'];

export interface SchemasRead {
  /** Less the nodes that failed meanwhile. */
  readonly live: LiveState;
  readonly schemas: SchemaReadings;
}

export const readSchemas = async (
  desired: Desired,
  live: LiveState,
  nodes: OpenNodes,
): Promise<SchemasRead> => {
  const first = await onEach(live, (node) => recordsOf(node, live, nodes));
  const edges = managedEdges(compareStates({ desired, live: first.live }), first.results);
  const tables = tablesOfEdges(edges);
  const second = await onEach(first.live, async (node) => ({
    records: first.results[node] ?? null,
    fingerprints: await fingerprintsOf(
      node,
      tables[node] ?? [],
      first.results[node] ?? null,
      nodes,
    ),
  }));
  const inDoubt = tablesInDoubt(edges, second.results);
  const third = await onEach(second.live, async (node) => ({
    ...(second.results[node] ?? nothingRead),
    found: byName(
      await ifAny(inDoubt[node], (some) => readDefinitions(own(node, nodes), theseTables(some))),
    ),
    recorded: byName(
      await ifAny(second.results[node]?.records === null ? [] : inDoubt[node], (some) =>
        readRecordedDefinitions(store(node, nodes), node, some),
      ),
    ),
    sequences: await sequencesOf(
      node,
      second.results[node]?.records == null ? [] : tablesSentBy(node, edges),
      nodes,
    ),
  }));
  return { live: third.live, schemas: third.results };
};

const tablesSentBy = (node: NodeName, edges: readonly ManagedEdge[]): readonly QualifiedName[] =>
  tablesOfEdges(edges.filter(({ source }) => source === node))[node] ?? [];

/** Those of tables that are on record: what a subscriber makes of its own is not looked at. */
const sequencesOf = async (
  node: NodeName,
  tables: readonly QualifiedName[],
  nodes: OpenNodes,
): Promise<SchemaReading['sequences']> => {
  const recorded = await ifAny(tables, (some) =>
    readRecordedSequences(store(node, nodes), node, some),
  );
  const fed = recorded.filter(({ sequences }) => sequences.length > 0).map(({ name }) => name);
  const found = await ifAny(fed, (some) => readSequenceStates(own(node, nodes), some));
  const states = (all: readonly FedTable[]) =>
    new Map(all.map(({ name, sequences }) => [formatName(name), sequences]));
  return { recorded: states(recorded), found: states(found) };
};

type Fingerprints = SchemaReadings[string]['fingerprints'];

/**
 * Where a schema is as it is on record, one row of each says so, and its tables have the fingerprints on record.
 * Only of other schemas a row a table is read.
 */
const fingerprintsOf = async (
  node: NodeName,
  tables: readonly QualifiedName[],
  records: ReadonlyMap<string, TableRecord> | null,
  nodes: OpenNodes,
): Promise<Fingerprints> => {
  const unchanged = await unchangedSchemas(node, tables, records, nodes);
  const onRecord = tables.flatMap((table) => {
    const record = unchanged.has(table.schema) ? records?.get(formatName(table)) : undefined;
    return record === undefined ? [] : [record];
  });
  const others = tables.filter(({ schema }) => !unchanged.has(schema));
  const read = await ifAny(others, (some) =>
    readTableFingerprints(own(node, nodes), theseTables(some)),
  );
  return byName([...onRecord, ...read]);
};

const unchangedSchemas = async (
  node: NodeName,
  tables: readonly QualifiedName[],
  records: ReadonlyMap<string, TableRecord> | null,
  nodes: OpenNodes,
): Promise<ReadonlySet<string>> => {
  if (records === null || tables.length === 0) return new Set();
  const recorded = await readRecordedRoots(store(node, nodes), node, tables);
  if (recorded.length === 0) return new Set();
  const found = await readRoots(own(node, nodes), theseTables(tables));
  const { matching } = compareRoots(recorded, found);
  return new Set(matching.map(({ schema }) => schema));
};

const nothingRead = { records: null, fingerprints: new Map() } as const;

/** What is on record of the tables of a node, by name; null: its steep_repl keeps none. */
export const recordsOf = async (
  node: NodeName,
  { nodes: states }: LiveState,
  nodes: OpenNodes,
): Promise<ReadonlyMap<string, TableRecord> | null> =>
  (states[node]?.server.metadataVersion ?? 0) < recordsSince
    ? null
    : byName(await readRecords(store(node, nodes), node));

/** The version of steep_repl that brought schema_fingerprints. */
export const recordsSince = 2;

const own = (node: NodeName, { sessions }: OpenNodes): Session => mustHave(sessions, node);

const store = (node: NodeName, { metadata }: OpenNodes): Session => mustHave(metadata, node);

const mustHave = (sessions: ReadonlyMap<NodeName, Session>, node: NodeName): Session => {
  const session = sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

const ifAny = <T>(
  tables: readonly QualifiedName[] | undefined,
  read: (some: readonly QualifiedName[]) => Promise<readonly T[]>,
): Promise<readonly T[]> =>
  tables === undefined || tables.length === 0 ? Promise.resolve([]) : read(tables);

const byName = <T extends { readonly name: QualifiedName }>(
  items: readonly T[],
): ReadonlyMap<string, T> => new Map(items.map((item) => [formatName(item.name), item]));

/** Asks every node that was read; one that fails is not among them any more. */
export const onEach = async <T>(
  live: LiveState,
  read: (node: NodeName) => Promise<T>,
): Promise<{ readonly live: LiveState; readonly results: Readonly<Record<NodeName, T>> }> => {
  const answers = await Promise.all(
    Object.keys(live.nodes).map(async (node) => {
      try {
        return { node, result: await read(node) };
      } catch (error) {
        const failure = toFailure(error, { node, doing: 'reading the tables' });
        return { node, failure: asDiagnostic(failure, node) };
      }
    }),
  );
  return {
    live: answers.reduce(
      (state, { node, failure }) =>
        failure === undefined ? state : withoutNode(state, node, failure),
      live,
    ),
    results: Object.fromEntries(
      answers.flatMap((answer) => ('result' in answer ? [[answer.node, answer.result]] : [])),
    ),
  };
};

export const withoutNode = (live: LiveState, node: NodeName, failure: Diagnostic): LiveState => ({
  ...live,
  nodes: Object.fromEntries(Object.entries(live.nodes).filter(([name]) => name !== node)),
  unreadable: { ...live.unreadable, [node]: failure },
});
