// How far an initial copy is, by whatever method it is made: what a row of steep_repl.init_progress holds, and a
// sentence for people.

import type { InitProgressEvent, InitSubject, Movement } from '../event.ts';
import { formatCount, formatDuration, formatPart, formatRate, formatSize } from '../quantity.ts';
import type { CopyPhase, InitPhase } from './init-phase.ts';
import type { TableProgress } from './table-progress.ts';

export interface InitProgress {
  readonly phase: InitPhase;
  /** Of the data: 0 to 100. */
  readonly percent: number;
  readonly tablesTotal: number;
  readonly tablesDone: number;
  readonly rowsCopied: number;
  readonly bytesCopied: number;
  /** Sizes on the source; null: they could not be read. */
  readonly bytesTotal: number | null;
  readonly rowsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly etaSeconds: number | null;
  /** Sessions that copy right now. */
  readonly workers: number;
  /** Bytes of WAL that are still to be applied; null before the subscription streams. */
  readonly lagBytes: number | null;
  /** The tables that are copied right now. */
  readonly tables: readonly TableProgress[];
}

/** As the copy engine tells it: nothing is applied yet. */
export interface CopyProgress extends InitProgress {
  readonly phase: CopyPhase;
}

/** Nothing is copied yet. */
export const noProgress: InitProgress = {
  phase: 'preparing',
  percent: 0,
  tablesTotal: 0,
  tablesDone: 0,
  rowsCopied: 0,
  bytesCopied: 0,
  bytesTotal: null,
  rowsPerSecond: null,
  bytesPerSecond: null,
  etaSeconds: null,
  workers: 0,
  lagBytes: null,
  tables: [],
};

/** Nothing moves: totals stay, tables, rates and the time left go. */
export const atRest = (progress: InitProgress, phase: InitPhase): InitProgress => ({
  ...noProgress,
  phase,
  percent: phase === 'done' || phase === 'catching_up' ? 100 : progress.percent,
  tablesTotal: progress.tablesTotal,
  tablesDone: progress.tablesDone,
  rowsCopied: progress.rowsCopied,
  bytesCopied: progress.bytesCopied,
  bytesTotal: progress.bytesTotal,
  lagBytes: progress.lagBytes,
});

/** As an event; its tables are those that move. */
export const progressEvent = (subject: InitSubject, progress: InitProgress): InitProgressEvent => ({
  event: 'init.progress',
  node_id: subject.node_id,
  source_node: subject.source_node,
  subscription: subject.subscription,
  phase: progress.phase,
  ...movementOf(progress),
  lag_bytes: progress.lagBytes,
});

/** What the events of all copies tell of how far they are. */
export const movementOf = (progress: InitProgress): Movement => ({
  overall_progress: progress.percent / 100,
  tables_total: progress.tablesTotal,
  tables_completed: progress.tablesDone,
  rows_copied: progress.rowsCopied,
  bytes_copied: progress.bytesCopied,
  bytes_total: progress.bytesTotal,
  rows_per_second: progress.rowsPerSecond,
  bytes_per_second: progress.bytesPerSecond,
  eta_seconds: progress.etaSeconds,
  workers: progress.workers,
  tables: progress.tables,
});

/** `31% 12.8/41.2 GB, 5.0 M rows, 3 of 12 tables, 84 MB/s, ETA 5m40s, 4 workers, lag 1.2 MB`. */
export const progressText = (progress: InitProgress): string =>
  [
    `${Math.floor(progress.percent)}%${amountText(progress)}`,
    ...(progress.rowsCopied > 0 ? [`${formatCount(progress.rowsCopied)} rows`] : []),
    tablesText(progress),
    ...(progress.bytesPerSecond === null ? [] : [formatRate(progress.bytesPerSecond)]),
    ...(progress.etaSeconds === null ? [] : [`ETA ${formatDuration(progress.etaSeconds * 1000)}`]),
    ...(progress.workers === 0
      ? []
      : [`${progress.workers} ${progress.workers === 1 ? 'worker' : 'workers'}`]),
    ...(progress.lagBytes === null ? [] : [`lag ${formatSize(progress.lagBytes)}`]),
  ].join(', ');

const amountText = ({ bytesCopied, bytesTotal }: InitProgress): string => {
  if (bytesTotal === null) return bytesCopied === 0 ? '' : ` ${formatSize(bytesCopied)}`;
  return bytesTotal === 0 ? '' : ` ${formatPart(bytesCopied, bytesTotal)}`;
};

const tablesText = ({ tablesDone, tablesTotal }: InitProgress): string =>
  `${tablesDone} of ${tablesTotal} ${tablesTotal === 1 ? 'table' : 'tables'}`;
