// Which tables is recorded at the end of an apply: those of the edges that it touched, and of a whole topology those of
// which nothing is. Drift of an edge that a run had nothing to do with stays drift.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { Step } from '../../model/step/step.ts';
import type { ManagedEdge, Records } from '../drift/managed-edges.ts';
import { tablesOfEdges } from '../drift/schema-reading.ts';

type TouchingStep = Pick<Step, 'kind' | 'node' | 'address'>;

/** What an apply was about. */
export interface Applying {
  readonly steps: readonly TouchingStep[];
  /** False: only a part of the topology. */
  readonly whole: boolean;
}

/** By node; a touched table that is gone is there too, so that its record goes. */
export const tablesToRecord = (
  edges: readonly ManagedEdge[],
  { steps, whole }: Applying,
  onRecord: Records,
): Readonly<Record<NodeName, readonly QualifiedName[]>> => {
  const touched = tablesOfEdges(edges.filter((edge) => steps.some((step) => touches(step, edge))));
  return Object.fromEntries(
    Object.entries(tablesOfEdges(edges)).map(([node, tables]) => {
      const renewed = new Set((touched[node] ?? []).map(formatName));
      const records = onRecord[node] ?? null;
      const isWanted = (name: string): boolean =>
        renewed.has(name) || (whole && records?.has(name) !== true);
      return [node, records === null ? [] : tables.filter((it) => isWanted(formatName(it)))];
    }),
  );
};

const touches = ({ kind, node, address }: TouchingStep, edge: ManagedEdge): boolean => {
  if (kind === 'change-schema') return node === edge.node;
  if (kind === 'set-replica-identity') return node === edge.source;
  return addressesOf(edge).includes(address);
};

const addressesOf = ({ address, source, slot, publications }: ManagedEdge): readonly Address[] => [
  address,
  ...(slot === null ? [] : [addressOf(source, 'slot', slot)]),
  ...publications.map((name) => addressOf(source, 'publication', name)),
];
