// An initial copy for people: how far it is in one line, and below it the tables that are copied right now.

import { progressText } from '../../model/copy/init-progress.ts';
import { type InitReading, isUnderWay, isWatched } from '../../model/copy/init-reading.ts';
import type { TableProgress } from '../../model/copy/table-progress.ts';
import { printable } from '../../model/printable.ts';
import {
  formatCount,
  formatDuration,
  formatPart,
  formatRate,
  formatSize,
} from '../../model/quantity.ts';
import { alignColumns } from './layout.ts';

/** Tables below one copy; a terminal has few lines. */
const tablesShown = 10;

/** `reporting/subscription.sales copying: 31% 12.8/41.2 GB, …`; says when no run works on it. */
export const initLine = (reading: InitReading): string => {
  const { node, subscription, state, progress, error } = reading;
  const parts = [
    ...(progress === null ? [] : [progressText(progress)]),
    ...(error === null ? [] : [printable(error)]),
    ...(isUnderWay(reading) && !isWatched(reading) ? [silence(reading)] : []),
  ];
  const phase = progress !== null && progress.phase !== state ? ` (${progress.phase})` : '';
  const where = printable(`${node}/subscription.${subscription} ${state}${phase}`);
  return parts.length === 0 ? where : `${where}: ${parts.join('; ')}`;
};

const silence = ({ silentSeconds }: InitReading): string =>
  `no run has reported progress for ${formatDuration(silentSeconds * 1000)}; steep apply continues the copy`;

/** The line, and a row for each table that moves. */
export const initLines = (reading: InitReading): readonly string[] => {
  const tables = reading.progress?.tables ?? [];
  const more = tables.length - tablesShown;
  return [
    initLine(reading),
    ...tableRows(tables.slice(0, tablesShown)),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
};

const tableHeader = ['table', '%', 'size', 'rows', 'rows/s', 'bytes/s', 'ETA'];

const tableRows = (tables: readonly TableProgress[]): readonly string[] =>
  tables.length === 0
    ? []
    : alignColumns([tableHeader, ...tables.map(tableRow)]).map((line) => `  ${line}`);

const tableRow = (table: TableProgress): readonly string[] => [
  printable(table.table),
  table.percent === null ? '-' : `${Math.floor(table.percent)}%`,
  table.bytesTotal === null
    ? formatSize(table.bytesDone)
    : formatPart(table.bytesDone, table.bytesTotal),
  formatCount(table.rowsDone),
  table.rowsPerSecond === null ? '-' : formatCount(Math.round(table.rowsPerSecond)),
  table.bytesPerSecond === null ? '-' : formatRate(table.bytesPerSecond),
  table.etaSeconds === null ? '-' : formatDuration(table.etaSeconds * 1000),
];

/** How a look at initial copies ended: those that no run continues are named again. */
export const renderFollowed = (inits: readonly InitReading[]): string => {
  const left = inits.filter((init) => isUnderWay(init) || init.state === 'failed').map(initLine);
  if (left.length === 0) return 'No initial copy is running.';
  return [inits.some(isWatched) ? 'Initial copies are running:' : 'Not done:', ...left].join('\n');
};
