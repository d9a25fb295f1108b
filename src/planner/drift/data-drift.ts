// Drift of rows: tables of managed edges whose rows are not the same on both ends.

import type { DriftFinding } from '../../model/report/drift.ts';
import type { VerifiedEdge, VerifiedTable } from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { Unchecked } from '../../model/state/unchecked.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { DriftContext } from './drift-context.ts';

export const dataDrift = ({ verified }: DriftContext): readonly DriftFinding[] =>
  verified.flatMap((edge) =>
    edge.tables.flatMap((table) => (table.outcome === 'different' ? [findingOf(edge, table)] : [])),
  );

const findingOf = (
  { address, node, source }: VerifiedEdge,
  { table, counts }: VerifiedTable,
): DriftFinding => {
  const { different = 0, missing = 0, extra = 0 } = counts ?? {};
  const found = Object.entries({ different, missing, extra })
    .filter(([, rows]) => rows > 0)
    .map(([finding, rows]) => `${rows} ${finding}`);
  return {
    class: 'data',
    code: 'ROWS_DIFFER',
    address: addressOf(node, 'table', table),
    node,
    summary: `The rows of ${table} differ from those of node ${source}: ${found.join(', ')}.`,
    details: [],
    applied: null,
    cure: [
      steepCommand`steep verify ${address} --tables ${table} --report csv=differences.csv`,
      steepCommand`steep repair ${address} --tables ${table}`,
    ],
  };
};

/** Each table that was to be compared. */
export const dataAddresses = ({ verified }: DriftContext): readonly string[] =>
  verified.flatMap(({ node, tables }) =>
    tables.map(({ table }) => addressOf(node, 'table', table)),
  );

/** Rows that could not be settled or read: the report is incomplete. */
export const uncheckedRows = ({ verified }: Pick<DriftContext, 'verified'>): readonly Unchecked[] =>
  verified.flatMap(({ address, node, error, tables }) => [
    ...(error === null ? [] : [{ address, what: 'its rows', why: error.message }]),
    ...tables.flatMap(({ table, counts, error: failure }) => {
      const unsettled = counts?.unsettled ?? 0;
      if (failure === null && unsettled === 0) return [];
      const why = failure?.message ?? `${unsettled} rows could not be settled in time`;
      return [{ address: addressOf(node, 'table', table), what: 'its rows', why }];
    }),
  ]);
