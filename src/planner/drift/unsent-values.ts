// Columns that were added on a subscriber: nothing sends the values that older rows have on the publisher.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { SchemaDifference } from '../../model/schema/schema-difference.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Step } from '../../model/step/step.ts';
import type { ManagedEdge } from './managed-edges.ts';

export interface UnsentValues {
  readonly edge: ManagedEdge;
  readonly columns: readonly string[];
}

/** Of one table of a node, by edge that fills it. @param differences from what is on record of it to what it is. */
export const unsentValues = (
  node: NodeName,
  table: QualifiedName,
  differences: readonly SchemaDifference[],
  edges: readonly ManagedEdge[],
): readonly UnsentValues[] => {
  const name = formatName(table);
  const added = differences
    .filter(({ part, local }) => part === 'column' && local === null)
    .map((it) => it.name ?? '');
  return edges
    .filter((edge) => edge.node === node)
    .flatMap((edge) => {
      const sent = edge.tables.find((it) => formatName(it.table) === name)?.columns;
      const columns = added.filter((column) => sent === null || sent?.includes(column) === true);
      return columns.length === 0 ? [] : [{ edge, columns }];
    });
};

/** The tables of a node whose rows these steps have copied, or whose columns they have added with consent. */
export const valuesSeenTo = (
  node: NodeName,
  steps: readonly Step[],
  edges: readonly ManagedEdge[],
): ReadonlySet<string> =>
  new Set(steps.filter((step) => step.node === node).flatMap((step) => seenToBy(step, edges)));

const seenToBy = (step: Step, edges: readonly ManagedEdge[]): readonly string[] => {
  if (step.kind === 'change-schema') return [step.object.name];
  if (
    step.kind === 'truncate-tables' ||
    step.kind === 'copy-tables' ||
    step.kind === 'load-snapshot'
  ) {
    return step.tables.map(formatName);
  }
  if (step.kind !== 'create-subscription') return [];
  const created = edges.filter(({ address }) => address === step.address);
  return created.flatMap(({ tables }) => tables.map(({ table }) => formatName(table)));
};
