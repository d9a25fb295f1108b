// The one place where looks at a copy become progress: rates and the time left, of all of it and of each table that
// moves, whoever copies: steep, PostgreSQL, or a run that only left a row in steep_repl. Pure.

import { type InitProgress, noProgress } from './init-progress.ts';
import { etaOf, lookAgain, type PaceLook, paceOf } from './pace.ts';
import type { TableProgress } from './table-progress.ts';

type Measured = 'rowsPerSecond' | 'bytesPerSecond' | 'etaSeconds';

/** A table that is copied right now, as one look found it. */
export interface TableLook extends Omit<TableProgress, Measured> {
  /** Of the size on the source; what COPY sends can exceed or fall short of it. */
  readonly moved: number;
}

/** A copy as one look found it. */
export interface CopyLook extends Omit<InitProgress, Measured | 'tables' | 'lagBytes'> {
  /** Milliseconds since any fixed point. */
  readonly at: number;
  /** Of the size on the source. */
  readonly moved: number;
  readonly tables: readonly TableLook[];
}

/** How far a copy is, and the looks from which the next one makes its rates. */
export interface ProgressState {
  readonly looks: ReadonlyMap<string, readonly PaceLook[]>;
  readonly progress: InitProgress;
}

export const unseenProgress: ProgressState = { looks: new Map(), progress: noProgress };

type PaceOf = (what: string, amount: number) => number | null;

const tableOf = ({ moved, ...table }: TableLook, pace: PaceOf): TableProgress => ({
  ...table,
  rowsPerSecond: table.rowsDone === 0 ? null : pace(`rows of ${table.table}`, table.rowsDone),
  bytesPerSecond: pace(`bytes of ${table.table}`, table.bytesDone),
  etaSeconds: etaOf(moved, table.bytesTotal, pace(`size of ${table.table}`, moved)),
});

/** What was known, and one more look. */
export const reduceProgress = (
  { looks }: Pick<ProgressState, 'looks'>,
  { at, moved, tables, ...totals }: CopyLook,
): ProgressState => {
  const next = new Map<string, readonly PaceLook[]>();
  const pace: PaceOf = (what, amount) => {
    const seen = lookAgain(looks.get(what) ?? [], { at, amount });
    next.set(what, seen);
    return paceOf(seen);
  };
  const progress: InitProgress = {
    ...totals,
    lagBytes: null,
    rowsPerSecond: pace('rows', totals.rowsCopied),
    bytesPerSecond: pace('bytes', totals.bytesCopied),
    etaSeconds: etaOf(moved, totals.bytesTotal, pace('size', moved)),
    tables: tables.map((table) => tableOf(table, pace)),
  };
  return { looks: next, progress };
};
