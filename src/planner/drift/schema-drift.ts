// Drift of tables: each end of a managed edge against what is on record of it, and both ends against each other.
// What differed between the ends when steep last applied is no drift, unless it stops apply for certain.

import { compareText, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { ChangeDetail } from '../../model/plan/plan.ts';
import type { DriftFinding } from '../../model/report/drift.ts';
import type { SentTable } from '../../model/schema/schema-change.ts';
import type { SchemaDifference } from '../../model/schema/schema-difference.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { compareDefinitions } from '../schema/compare-definitions.ts';
import { isRename } from '../schema/key-differences.ts';
import { sentPart } from '../schema/sent-part.ts';
import type { DriftContext } from './drift-context.ts';
import { faultDrift } from './gap-drift.ts';
import { type ManagedEdge, managedEdges } from './managed-edges.ts';
import { changedCure, differsCure, noBackfillCure } from './schema-cures.ts';
import { isChanged, type SchemaReading, tablesOfEdges } from './schema-reading.ts';
import { changedSequences } from './sequence-drift.ts';
import { unsentValues } from './unsent-values.ts';

export const schemaDrift = (context: DriftContext): readonly DriftFinding[] => {
  const edges = edgesIn(context);
  const changed = Object.entries(tablesOfEdges(edges)).flatMap(([node, tables]) => {
    const reading = context.schemas[node];
    if (reading === undefined) return [];
    return tables.flatMap((table) => [
      ...changedTable({ node, table, edges }, reading, context),
      ...changedSequences(node, table, reading),
    ]);
  });
  return [...changed, ...edges.flatMap((edge) => edgeDrift(edge, context)), ...faultDrift(context)];
};

/** Every table of both ends. */
export const schemaAddresses = (context: DriftContext): readonly string[] =>
  Object.entries(tablesOfEdges(edgesIn(context))).flatMap(([node, tables]) =>
    tables.map((table) => addressOf(node, 'table', formatName(table))),
  );

export const edgesIn = (context: DriftContext): readonly ManagedEdge[] =>
  managedEdges(
    context,
    Object.fromEntries(Object.entries(context.schemas).map(([node, it]) => [node, it.records])),
  );

/** A table of an extension is there, and no definition of it is read: it is not reported. */
export const isUnseen = (node: NodeName, table: string, { live, schemas }: DriftContext): boolean =>
  schemas[node]?.fingerprints.has(table) !== true &&
  live.nodes[node]?.tables.some(({ name }) => formatName(name) === table) === true;

interface EndOfEdges {
  readonly node: NodeName;
  readonly table: QualifiedName;
  readonly edges: readonly ManagedEdge[];
}

/** What older rows lack of columns that were added. */
const backfillCures = (
  { node, table, edges }: EndOfEdges,
  differences: readonly SchemaDifference[],
): readonly string[] =>
  unsentValues(node, table, differences, edges).map(({ edge, columns }) =>
    noBackfillCure(edge, formatName(table), columns),
  );

const changedTable = (
  end: EndOfEdges,
  reading: SchemaReading,
  context: DriftContext,
): readonly DriftFinding[] => {
  const { node } = end;
  const table = formatName(end.table);
  if (!isChanged(table, reading) || isUnseen(node, table, context)) return [];
  const found = reading.found.get(table) ?? null;
  const differences = compareDefinitions(reading.recorded.get(table) ?? null, found);
  const details = differences.filter((it) => !isRename(it)).map(detailOf);
  if (details.length === 0) return [];
  const since = reading.records?.get(table)?.capturedAt ?? '';
  const summary =
    found === null
      ? `The table ${table} was recorded on ${since}, and no longer exists.`
      : `The table ${table} was changed after it was recorded on ${since}.`;
  const common = { class: 'schema', node, address: addressOf(node, 'table', table) } as const;
  const cure = [...backfillCures(end, differences), ...changedCure(node, table)];
  return [
    {
      ...common,
      code: 'SCHEMA_CHANGED',
      summary,
      cure,
      applied: null,
      details: found === null ? [] : byField(details),
    },
  ];
};

const byField = (details: readonly ChangeDetail[]): readonly ChangeDetail[] =>
  details.toSorted((a, b) => compareText(a.field, b.field));

/** `before`: as it was, or as the publisher has it. */
const detailOf = ({ part, name, local, remote }: SchemaDifference): ChangeDetail => ({
  field: name === null ? part : `${part} ${name}`,
  before: local ?? 'none',
  after: remote ?? 'none',
});

const edgeDrift = (edge: ManagedEdge, context: DriftContext): readonly DriftFinding[] => {
  const source = context.schemas[edge.source];
  const target = context.schemas[edge.node];
  if (source === undefined || target === undefined) return [];
  return edge.tables.flatMap((sent) => {
    const table = formatName(sent.table);
    const unseen = [edge.source, edge.node].some((node) => isUnseen(node, table, context));
    return unseen ? [] : tableDrift(edge, sent, { source, target }, context);
  });
};

interface Ends {
  readonly source: SchemaReading;
  readonly target: SchemaReading;
}

const tableDrift = (
  edge: ManagedEdge,
  sent: SentTable,
  ends: Ends,
  context: DriftContext,
): readonly DriftFinding[] => {
  const name = formatName(sent.table);
  const { source, target } = ends;
  const now = compared(edge, sent, source.found.get(name), target.found.get(name));
  const before = new Set(
    compared(edge, sent, source.recorded.get(name), target.recorded.get(name)).map(textOf),
  );
  const isNew = (it: SchemaDifference): boolean => isMissing(it) || !before.has(textOf(it));
  const differences = now.filter((it) => it.effect !== 'harmless' && isNew(it));
  const worst = differences[0];
  if (worst === undefined) return [];
  const { node } = edge;
  return [
    {
      class: 'schema',
      code: 'SCHEMA_DIFFERS',
      address: addressOf(node, 'table', name),
      node,
      summary: `${edge.name} brings ${name} from ${edge.source}, where it differs: ${consequences[worst.effect]}. ${worst.why}`,
      details: byField(differences.map(detailOf)),
      applied: null,
      cure: differsCure(edge, name, context.desired),
    },
  ];
};

/** Nowhere to put what is sent: it was no better when steep last applied. */
const isMissing = ({ part, local, remote, effect }: SchemaDifference): boolean =>
  (part === 'table' || part === 'column') &&
  local !== null &&
  remote === null &&
  effect === 'stops';

const textOf = ({ part, name, local, remote }: SchemaDifference): string =>
  JSON.stringify([part, name, local, remote]);

const consequences = {
  stops: 'this stops apply',
  silent: 'the nodes will have different data',
  slow: 'apply is slow',
  harmless: 'this has no effect',
} as const;

/** Worst first; without what only the subscriber has of a table that the source has not. */
const compared = (
  { binary, sendsGenerated }: ManagedEdge,
  sent: SentTable,
  source: TableDefinition | undefined,
  target: TableDefinition | undefined,
): readonly SchemaDifference[] => {
  if (source === undefined) return [];
  const differences = compareDefinitions(sentPart(source, sent, sendsGenerated), target ?? null);
  return binary ? differences.map(inBinary) : differences;
};

const inBinary = (difference: SchemaDifference): SchemaDifference =>
  difference.part === 'type of column'
    ? {
        ...difference,
        effect: 'stops',
        why: 'The subscription has binary: true: between other types apply stops, or stores other values without an error.',
      }
    : difference;
