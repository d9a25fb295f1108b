// Whether a row that a merge has overwritten can be written back: only where nothing has changed it since. Pure.

import type { RowValues, WholeRow } from '../../compare/repair/read-rows.ts';

/** A row that lost, as the audit log of its node has it. */
export interface LostRow {
  readonly values: RowValues;
  /** The transaction of the merge, which wrote the row that is there instead. */
  readonly xid: string;
  /** The merge deleted it, instead of overwriting it. */
  readonly deleted: boolean;
}

/** restored: both nodes have the row that lost. changed: written since the merge, or on its way between the nodes. */
export type UndoVerdict = 'restore' | 'restored' | 'changed';

/** @param loser of the node that lost the row. @param other of the node whose row won. */
export const judgeUndo = (
  { values, xid, deleted }: LostRow,
  loser: WholeRow | undefined,
  other: WholeRow | undefined,
): UndoVerdict => {
  const isBack = (row: WholeRow | undefined): boolean => row !== undefined && holds(row, values);
  if (isBack(loser) && isBack(other)) return 'restored';
  if (loser === undefined) {
    return deleted && (other === undefined || isBack(other)) ? 'restore' : 'changed';
  }
  if (deleted || xidOf(loser) !== xid) return 'changed';
  return other !== undefined && (holds(other, loser.row) || isBack(other)) ? 'restore' : 'changed';
};

/** Of the values that lost, those of columns that are there now. */
const holds = ({ row }: WholeRow, values: RowValues): boolean =>
  [...values].every(([name, value]) => !row.has(name) || row.get(name) === value);

/** A version is the table, the place and the transaction of the row. */
const xidOf = ({ version }: WholeRow): string => version.split(' ')[2] ?? '';

/** The row that lost, with what columns that were added since hold now. */
export const withLost = (row: WholeRow, { values }: LostRow): WholeRow => ({
  ...row,
  row: new Map(
    [...row.row].map(([name, now]) => {
      const lost = values.get(name);
      return [name, lost === undefined ? now : lost];
    }),
  ),
});
