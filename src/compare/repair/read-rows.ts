// Reads the rows of some keys as they are now, whole, and locks them where that is asked for.

import type { Session } from '../../postgres/session.ts';
import type { TableKinds } from '../../postgres/sql/named-tables.ts';
import { ddl, ident, join, type Sql } from '../../postgres/sql/sql.ts';
import type { KeyText, Suspicion, TableEnd } from '../difference/compared-table.ts';
import {
  type RowExtras,
  type RowReading,
  selectByHash,
  selectByKey,
} from '../difference/end-sql.ts';
import { parseRecord } from './record-text.ts';

/** What is repaired: rows that only the publisher has, that differ, that only the subscriber has. */
export const repairFindings = ['missing', 'different', 'extra'] as const;
export type RepairFinding = (typeof repairFindings)[number];

/** The rows of one key, or, of a table without a key, those with one hash. */
export type RowKey = Pick<Suspicion, 'hash' | 'key'>;

export interface RepairKey extends RowKey {
  /** How many rows may be written of each finding; of one that is not asked for, there is no number. */
  readonly agreed: Readonly<Partial<Record<RepairFinding, number>>>;
}

/** Values as text, by the name of the column. */
export type RowValues = ReadonlyMap<string, string | null>;

export interface WholeRow extends RowReading {
  readonly row: RowValues;
}

/** By nameOfKey(); a key without rows has no entry. */
export type WholeRows = ReadonlyMap<string, readonly WholeRow[]>;

/** The same on both nodes. Keys of a report come without their hash. */
export const nameOfKey = ({ hash, key }: { hash: string; key: KeyText }): string =>
  key.length === 0 ? hash : JSON.stringify(key);

/** skip: rows that others have locked are left out; wait: as long as lock_timeout allows. */
export type RowLock = 'none' | 'skip' | 'wait';

const locks: { readonly [L in RowLock]: Sql } = {
  none: ddl``,
  skip: ddl` FOR SHARE SKIP LOCKED`,
  wait: ddl` FOR UPDATE`,
};

/**
 * Locks the table of an end, so that its owner changes nothing that reading it would run, and looks what that is.
 * @throws SteepError TABLE_REPLACED, RUNS_FOREIGN_CODE; pg's error where the table is locked.
 */
export type HoldEnd = (session: Session) => Promise<TableKinds>;

/** In a transaction of its own. @throws as HoldEnd does. */
export const readWholeRows = (
  session: Session,
  end: TableEnd,
  keys: readonly RowKey[],
  columns: readonly string[],
  hold: HoldEnd,
): Promise<WholeRows> =>
  session.transaction({ readOnly: true }, async () => {
    const kinds = await hold(session);
    return selectWholeRows(session, { ...end, kinds }, keys, columns, 'none');
  });

/** In a transaction that holds the table. */
export const selectWholeRows = async (
  session: Session,
  end: TableEnd,
  keys: readonly RowKey[],
  columns: readonly string[],
  lock: RowLock,
): Promise<WholeRows> => {
  const record = ddl`, pg_catalog.textin(pg_catalog.record_out(ROW(${join(columns.map(ident))}))) AS record`;
  const extras: RowExtras = { columns: record, lock: locks[lock] };
  const statement =
    selectByKey(
      end,
      keys.map(({ key }) => key),
      extras,
    ) ??
    selectByHash(
      end,
      keys.map(({ hash }) => hash),
      extras,
    );
  const found = await session.query<RowReading & { readonly record: string }>(statement);
  const rows = found.map(({ record: text, ...reading }): WholeRow => {
    const values = parseRecord(text);
    return { ...reading, row: new Map(columns.map((name, at) => [name, values[at] ?? null])) };
  });
  return Map.groupBy(rows, ({ k, key }) => nameOfKey({ hash: k, key }));
};
