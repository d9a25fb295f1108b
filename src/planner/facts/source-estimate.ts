// Rows and bytes of a table as its publisher has them, or as a look at a few rows says. Partitioned tables: their leaves.

import type { ResourceOf } from '../../model/state/resource.ts';
import type { Table } from '../../model/state/table.ts';
import { heapsOf, tableSize } from '../complete/table-size.ts';
import { type PlanContext, tableOf } from '../context/context.ts';

/** Null: unknown. */
export interface TableEstimate {
  readonly rows: number | null;
  readonly bytes: number | null;
}

export const sumOrUnknown = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );

export const sourceEstimate = (
  copy: ResourceOf<'copy'>,
  { spec: { source } }: ResourceOf<'subscription'>,
  context: PlanContext,
): TableEstimate => {
  const table = source === null ? undefined : tableOf(context, source, copy.spec.table);
  if (table === undefined || source === null) return { rows: null, bytes: null };
  const index = context.tables.get(source) ?? new Map<string, Table>();
  const sample = context.live.probes?.samples[copy.address];
  const estimated = heapsOf(table, index).map(({ estimatedRows }) => estimatedRows);
  return {
    rows: sample?.rows ?? sumOrUnknown(estimated),
    bytes: sample?.bytes ?? tableSize(table, index),
  };
};
