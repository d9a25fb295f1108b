// How far a copy is that PostgreSQL makes by itself, from what its catalogs and the sizes on the source say. Pure.

import type { CopyLook, TableLook } from '../copy/reduce-progress.ts';

/** A table as pg_subscription_rel and pg_stat_progress_copy have it at one moment. */
export interface NativeTable {
  readonly table: string;
  readonly syncState: string;
  readonly bytesDone: number;
  readonly rowsDone: number;
}

export interface NativeCopy {
  readonly tables: readonly NativeTable[];
  /** Of the tables on the source, as far as they could be read. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The most that was seen of each table, also of those that are copied by now. */
  readonly seen: ReadonlyMap<string, { readonly rows: number }>;
}

/** Copied, if perhaps not caught up with the others yet. */
const copiedStates = ['f', 's', 'r'];

const isCopied = ({ syncState }: NativeTable): boolean => copiedStates.includes(syncState);

const isRunning = ({ syncState }: NativeTable): boolean => syncState === 'd';

/** What COPY sends is not the size of the table: never more than all of it. */
const bytesOf = (table: NativeTable, sizes: NativeCopy['sizes']): number => {
  const size = sizes.get(table.table) ?? null;
  if (isCopied(table)) return size ?? 0;
  return size === null ? table.bytesDone : Math.min(table.bytesDone, size);
};

const lookAt = (table: NativeTable, sizes: NativeCopy['sizes']): TableLook => {
  const { bytesDone } = table;
  const size = sizes.get(table.table) ?? null;
  return {
    table: table.table,
    syncState: table.syncState,
    rowsDone: table.rowsDone,
    bytesDone,
    bytesTotal: size,
    percent: size === null || size === 0 ? null : Math.min(100, (bytesDone / size) * 100),
    moved: bytesDone,
  };
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** One look at it; `at`: milliseconds since any fixed point. */
export const nativeLook = ({ tables, sizes, seen }: NativeCopy, at: number): CopyLook => {
  const ready = tables.filter(({ syncState }) => syncState === 'r').length;
  const running = tables.filter(isRunning);
  const bytesCopied = sum(tables.map((table) => bytesOf(table, sizes)));
  const bytesTotal = tables.every(({ table }) => sizes.has(table))
    ? sum(tables.map(({ table }) => sizes.get(table) ?? 0))
    : null;
  const share =
    bytesTotal === null || bytesTotal === 0
      ? ready / Math.max(1, tables.length)
      : bytesCopied / bytesTotal;
  return {
    at,
    phase: 'copying',
    percent: tables.length === 0 ? 100 : share * 100,
    tablesTotal: tables.length,
    tablesDone: ready,
    rowsCopied: sum(tables.map(({ table }) => seen.get(table)?.rows ?? 0)),
    bytesCopied,
    bytesTotal,
    moved: bytesCopied,
    workers: running.length,
    tables: running.map((table) => lookAt(table, sizes)),
  };
};
