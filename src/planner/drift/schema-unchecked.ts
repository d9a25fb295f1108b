// Tables that could be compared only with the other end of their edge, because nothing is on record of them.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { Unchecked } from '../../model/state/unchecked.ts';
import type { DriftContext } from './drift-context.ts';
import { edgesIn, isUnseen } from './schema-drift.ts';
import { tablesOfEdges } from './schema-reading.ts';

export const uncheckedTables = (context: DriftContext): readonly Unchecked[] =>
  Object.entries(tablesOfEdges(edgesIn(context))).flatMap(([node, tables]) => [
    ...withoutRecord(node, tables, context),
    ...tables
      .map(formatName)
      .filter((table) => isUnseen(node, table, context))
      .map((table) => unchecked(node, table, 'definition', 'it belongs to an extension')),
  ]);

const withoutRecord = (
  node: NodeName,
  tables: readonly QualifiedName[],
  context: DriftContext,
): readonly Unchecked[] => {
  const reading = context.schemas[node];
  if (reading === undefined) return [];
  const { records, fingerprints } = reading;
  const there = tables.map(formatName).filter((table) => fingerprints.has(table));
  if (there.length === 0) return [];
  if (records === null) return [ofNode(node, `its ${metadataSchema} keeps no record of them`)];
  const missing = there.filter((table) => !records.has(table));
  return missing.length === there.length
    ? [ofNode(node, 'nothing is on record of them')]
    : missing.map((table) =>
        unchecked(node, table, sinceApplied, 'nothing is on record of it: steep apply'),
      );
};

const sinceApplied = 'changes since it was applied';

const unchecked = (node: NodeName, table: string, what: string, why: string): Unchecked => ({
  address: addressOf(node, 'table', table),
  what,
  why,
});

const ofNode = (node: NodeName, why: string): Unchecked => ({
  address: addressOf(node, 'metadata', metadataSchema),
  what: 'changes of tables since they were applied',
  why: `${why}: steep apply`,
});
