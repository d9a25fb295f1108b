// What was read of the tables of managed edges: what they are, and what is on record of them. First fingerprints of
// all, then definitions of those that are in doubt. Every map is by formatName.

import { compareNames, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { TableFingerprint } from '../../model/schema/schema-fingerprint.ts';
import type { SequenceState } from '../../model/schema/sequence-state.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { TableRecord } from '../../model/state/table-record.ts';
import type { ManagedEdge } from './managed-edges.ts';

type ByTable<T> = ReadonlyMap<string, T>;

export interface FingerprintReading {
  /** Null: the node has no steep_repl, or one that keeps no records. */
  readonly records: ByTable<TableRecord> | null;
  /** Of the tables that are there. */
  readonly fingerprints: ByTable<Pick<TableFingerprint, 'name' | 'strict'>>;
}

export interface SchemaReading extends FingerprintReading {
  /** Of tables in doubt: as they were, and as they are. */
  readonly recorded: ByTable<TableDefinition>;
  readonly found: ByTable<TableDefinition>;
  /** Of the tables that it sends: their sequences as they were, and as they are. */
  readonly sequences: {
    readonly recorded: ByTable<readonly SequenceState[]>;
    readonly found: ByTable<readonly SequenceState[]>;
  };
}

export type SchemaReadings = Readonly<Record<NodeName, SchemaReading>>;

/** By node, the tables of these edges, each once, in order. */
export const tablesOfEdges = (
  edges: readonly ManagedEdge[],
): Readonly<Record<NodeName, readonly QualifiedName[]>> => {
  const nodes = new Set(edges.flatMap(({ node, source }) => [source, node]));
  return Object.fromEntries(
    [...nodes].map((end) => {
      const tables = edges
        .filter(({ node, source }) => end === node || end === source)
        .flatMap((edge) => edge.tables.map(({ table }) => [formatName(table), table] as const));
      return [end, [...new Map(tables).values()].toSorted(compareNames)];
    }),
  );
};

/** By node, the tables whose definitions must be looked at: changed since, or not the same on both ends. */
export const tablesInDoubt = (
  edges: readonly ManagedEdge[],
  readings: Readonly<Record<NodeName, FingerprintReading>>,
): Readonly<Record<NodeName, readonly QualifiedName[]>> => {
  const inDoubt = edges.map((edge) => ({
    ...edge,
    tables: edge.tables.filter(({ table }) => {
      const name = formatName(table);
      const [source, target] = [readings[edge.source], readings[edge.node]];
      if (source === undefined || target === undefined) return false;
      return (
        isChanged(name, source) ||
        isChanged(name, target) ||
        strictOf(name, source) !== strictOf(name, target)
      );
    }),
  }));
  return tablesOfEdges(inDoubt);
};

const strictOf = (table: string, { fingerprints }: FingerprintReading): string | null =>
  fingerprints.get(table)?.strict ?? null;

/** It is on record, and is not what it was. */
export const isChanged = (table: string, reading: FingerprintReading): boolean => {
  const record = reading.records?.get(table);
  return record !== undefined && record.strict !== strictOf(table, reading);
};
