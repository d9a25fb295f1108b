// What both views of progress say about a step, a table or a lock.

import type { TableProgress } from '../../model/copy/table-progress.ts';
import type { Blocker } from '../../model/event.ts';
import { printable } from '../../model/printable.ts';
import {
  formatCount,
  formatDuration,
  formatPart,
  formatRate,
  formatSize,
} from '../../model/quantity.ts';
import type { EventOf } from './event-handlers.ts';

/** Lines for tables under one step; a terminal has few. */
const tablesShown = 10;

/** PostgreSQL's i and r: the table waits for its turn, or is ready. */
const resting = ['i', 'r'];

/** `public.orders 31% 12.8/41.2 GB 84 MB/s ETA 5m40s`. */
export const tableLine = (table: TableProgress): string => {
  const { bytesDone, bytesTotal, etaSeconds } = table;
  const name = printable(table.table);
  const speed = table.bytesPerSecond === null ? '' : ` ${formatRate(table.bytesPerSecond)}`;
  if (bytesTotal === null || bytesTotal === 0) {
    return `${name} ${formatSize(bytesDone)}, ${formatCount(table.rowsDone)} rows${speed}`;
  }
  const percent = Math.min(100, Math.floor(table.percent ?? (bytesDone / bytesTotal) * 100));
  const eta = etaSeconds === null ? 'unknown' : formatDuration(etaSeconds * 1000);
  return `${name} ${percent}% ${formatPart(bytesDone, bytesTotal)}${speed} ETA ${eta}`;
};

/** One line for each table that is moving, and how many more there are. */
export const tableLines = (tables: readonly TableProgress[]): readonly string[] => {
  const moving = tables.filter(({ syncState }) => !resting.includes(syncState));
  const more = moving.length - tablesShown;
  return [
    ...moving.slice(0, tablesShown).map(tableLine),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
};

/** Which session holds the lock, so that its owner can be asked. */
export const lockLine = ({ attempt, attempts, blockers }: EventOf<'run.lock_wait'>): string => {
  const held = blockers.length === 0 ? '' : `, held by ${blockers.map(blockerText).join('; ')}`;
  return `waits for a lock (attempt ${attempt} of ${attempts})${held}`;
};

const blockerText = ({ pid, application, state, ageSeconds }: Blocker): string =>
  `pid ${pid} ${printable(application)}, ${printable(state)}, for ${formatDuration(ageSeconds * 1000)}`;
