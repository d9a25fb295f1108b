// Puts on record what the tables of managed edges are, at the end of an apply: the base of drift, as the rows of
// ownership are of what replicates. Where an apply has nothing to do, only what is missing is written.

import { storeFingerprints } from '../../metadata/fingerprints.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { CapturedTable } from '../../model/schema/schema-fingerprint.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { TableRecord } from '../../model/state/table-record.ts';
import type { Step } from '../../model/step/step.ts';
import { compareStates } from '../../planner/drift/compared-state.ts';
import { type ManagedEdge, managedEdges } from '../../planner/drift/managed-edges.ts';
import { unsentValues, valuesSeenTo } from '../../planner/drift/unsent-values.ts';
import { type Applying, tablesToRecord } from '../../planner/reading/tables-to-record.ts';
import { compareDefinitions } from '../../planner/schema/compare-definitions.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { definitionOf } from '../../schema/read-definitions.ts';
import { readCaptured } from '../../schema/read-fingerprints.ts';
import { readRecordedDefinitions } from '../../schema/read-records.ts';
import { theseTables } from '../../schema/scope.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import { onEach, recordsOf } from '../schema/read-schemas.ts';

/** What an apply did, and to all or a part of the topology. */
interface Applied extends Applying {
  readonly steps: readonly Step[];
}

/**
 * Nodes that cannot be read, and those without a steep_repl for it, are left out. `read`: what there is now.
 * @throws SteepError when a node goes away, or does not let it write.
 */
export const recordSchemas = async (
  applied: Applied,
  { desired }: Project,
  nodes: OpenNodes,
  read: LiveState,
): Promise<void> => {
  const { live, results } = await onEach(read, (node) => recordsOf(node, read, nodes));
  const edges = managedEdges(compareStates({ desired, live }), results);
  const wanted = tablesToRecord(edges, applied, results);
  await Promise.all(
    Object.entries(wanted).map(([node, tables]) =>
      record(node, tables, nodes, {
        edges,
        records: results[node] ?? new Map(),
        seenTo: valuesSeenTo(node, applied.steps, edges),
      }),
    ),
  );
};

/** What tells of a table that its older rows may differ from the publisher's. */
interface Known {
  readonly edges: readonly ManagedEdge[];
  readonly records: ReadonlyMap<string, TableRecord>;
  readonly seenTo: ReadonlySet<string>;
}

const record = async (
  node: NodeName,
  tables: readonly QualifiedName[],
  { sessions, metadata }: OpenNodes,
  known: Known,
): Promise<void> => {
  const [session, keeper] = [sessions.get(node), metadata.get(node)];
  if (tables.length === 0 || session === undefined || keeper === undefined) return;
  try {
    const captured = await readCaptured(session, theseTables(tables));
    const kept = await keptOnRecord(node, captured, keeper, known);
    const isNew = (name: QualifiedName): boolean => !kept.has(formatName(name));
    await storeFingerprints(
      keeper,
      node,
      captured.filter(({ name }) => isNew(name)),
      { schemas: null, tables: tables.filter(isNew) },
    );
  } catch (error) {
    throw toFailure(error, { node, doing: 'recording its tables' });
  }
};

/** The record is all that tells it: it stays until the rows are copied again, or schema capture accepts the table. */
const keptOnRecord = async (
  node: NodeName,
  captured: readonly CapturedTable[],
  keeper: Session,
  { edges, records, seenTo }: Known,
): Promise<ReadonlySet<string>> => {
  const changed = captured.filter(({ name, strict }) => {
    const before = records.get(formatName(name));
    return before !== undefined && before.strict !== strict && !seenTo.has(formatName(name));
  });
  if (changed.length === 0) return new Set();
  const found = new Map(changed.map((table) => [formatName(table.name), table]));
  const names = changed.map(({ name }) => name);
  const before = await readRecordedDefinitions(keeper, node, names);
  return new Set(
    before.flatMap((it) => {
      const name = formatName(it.name);
      const now = found.get(name);
      if (now === undefined) return [];
      const differences = compareDefinitions(it, definitionOf(now));
      return unsentValues(node, it.name, differences, edges).length === 0 ? [] : [name];
    }),
  );
};
