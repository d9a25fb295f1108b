// The view Tables: those of one edge, which are copied, and which continue.

import { isUnderWay } from '../../../model/copy/init-reading.ts';
import type { TableProgress } from '../../../model/copy/table-progress.ts';
import { formatCount, formatSize } from '../../../model/quantity.ts';
import { edgeProgress, type WatchedEdge } from '../../../model/watch/watched-edge.ts';
import { bar, type Glyphs, span, type TextSpan } from '../screen-line.ts';
import type { Row, View } from '../table-lines.ts';
import { rateText, secondsText } from '../words.ts';

const columns = [
  { title: 'table', optional: 0 },
  { title: 'state', optional: 0 },
  { title: 'copied', optional: 1 },
  { title: 'rows', optional: 3 },
  { title: 'size', optional: 2 },
  { title: 'rate', optional: 4 },
  { title: 'ETA', optional: 1 },
];

const barWidth = 10;

const words: Readonly<Record<string, TextSpan>> = {
  i: span('waiting', 'dim'),
  d: span('copying', 'caution'),
  f: span('copied', 'caution'),
  s: span('copied', 'caution'),
  r: span('ready', 'good'),
};

/** While some tables of a subscription are copied again, the others continue. */
const stateOf = ({ status }: WatchedEdge, syncState: string): TextSpan => {
  const again =
    status.init !== null && status.initState === 'reinitializing' && isUnderWay(status.init);
  if (again && syncState === 'r') return span('ready, continues', 'good');
  if (again) return span('re-initialized', 'caution');
  return words[syncState] ?? span(syncState);
};

const rowOf = (edge: WatchedEdge, key: string, table: TableProgress, glyphs: Glyphs): Row => ({
  key: table.table,
  node: edge.status.node,
  edge: key,
  cells: [
    span(table.table, 'bold'),
    stateOf(edge, table.syncState),
    span(table.percent === null ? '-' : bar(table.percent, barWidth, glyphs)),
    span(table.rowsDone === 0 ? '-' : formatCount(table.rowsDone)),
    span(table.bytesTotal === null ? formatSize(table.bytesDone) : formatSize(table.bytesTotal)),
    span(rateText(table.bytesPerSecond)),
    span(secondsText(table.etaSeconds)),
  ],
  detail: [],
});

const unknown = {
  bytesTotal: null,
  percent: null,
  rowsPerSecond: null,
  bytesPerSecond: null,
  etaSeconds: null,
};

/** As the run that copies tells it; of the others, what the catalog of the subscriber has. */
const tablesOf = (edge: WatchedEdge): readonly TableProgress[] => {
  const moving = new Map(edgeProgress(edge)?.tables.map((table) => [table.table, table]));
  const known = new Set(edge.tables.map(({ table }) => table));
  return [
    ...[...moving.values()].filter(({ table }) => !known.has(table)),
    ...edge.tables.map((table) => moving.get(table.table) ?? { ...table, ...unknown }),
  ];
};

/** Those that move first. */
export const tablesView = (
  key: string | null,
  edge: WatchedEdge | undefined,
  glyphs: Glyphs,
): View => ({
  columns,
  rows:
    edge === undefined || key === null
      ? []
      : tablesOf(edge)
          .toSorted((a, b) => Number(a.syncState === 'r') - Number(b.syncState === 'r'))
          .map((table) => rowOf(edge, key, table, glyphs)),
  none: key === null ? 'Choose an edge in the view Edges, and press Enter.' : 'No table is known.',
});
