// The view Edges: both ends of each, its slot, its lag, and what goes wrong.

import type { WatchState } from '../../../model/watch/watch-state.ts';
import { edgeProgress, perMinute, type WatchedEdge } from '../../../model/watch/watched-edge.ts';
import { type Glyphs, span, sparkline } from '../screen-line.ts';
import type { Row, View } from '../table-lines.ts';
import { countText, healthSpan, progressCell, secondsText, sizeText } from '../words.ts';

const columns = [
  { title: 'subscription', optional: 0 },
  { title: 'from -> to', optional: 2 },
  { title: 'health', optional: 0 },
  { title: 'state', optional: 5 },
  { title: 'copy', optional: 3 },
  { title: 'slot position', optional: 9 },
  { title: 'lag', optional: 0 },
  { title: 'time lag', optional: 4 },
  { title: 'tables', optional: 1 },
  { title: 'errors/min', optional: 6 },
  { title: 'conflicts/min', optional: 7 },
  { title: 'conflicts', optional: 8 },
  { title: '', optional: 10 },
];

const sparks = 12;

/** As the walsender of the slot measures it; null: it does not. */
const lagSeconds = ({ status }: WatchedEdge, { nodes }: WatchState): number | null =>
  nodes.get(status.source)?.look?.slots.find(({ name }) => name === status.slot)?.lagSeconds ??
  null;

const rowOf = (key: string, edge: WatchedEdge, seconds: number | null, glyphs: Glyphs): Row => {
  const { status, errors, conflicts, lags } = edge;
  const { node, source, subscription, verdict } = status;
  const failing = perMinute(errors);
  return {
    key,
    node,
    edge: key,
    cells: [
      span(subscription, 'bold'),
      span(`${source} -> ${node}`),
      healthSpan(verdict.health),
      span(status.initState ?? '-'),
      span(progressCell(edgeProgress(edge))),
      span(status.confirmedFlushLsn ?? '-'),
      span(sizeText(status.lagBytes)),
      span(secondsText(seconds)),
      span(`${status.tablesReady}/${status.tablesTotal}`),
      span(countText(failing), (failing ?? 0) > 0 ? 'bad' : 'plain'),
      span(countText(perMinute(conflicts))),
      span(countText(status.conflicts)),
      span(sparkline(lags, sparks, glyphs), 'dim'),
    ],
    detail: [
      ...(verdict.reason === null ? [] : [[`${verdict.code}: ${verdict.reason}`, 'bad'] as const]),
      ...verdict.cure.map((cure) => [cure, 'plain'] as const),
    ],
  };
};

interface Written {
  readonly seconds: number | null;
  readonly glyphs: Glyphs;
  readonly row: Row;
}

const written = new WeakMap<WatchedEdge, Written>();

/** Of hundreds of edges few have changed since the last screen: the rows of the others are written once. */
const rowOnce = (key: string, edge: WatchedEdge, state: WatchState, glyphs: Glyphs): Row => {
  const seconds = lagSeconds(edge, state);
  const before = written.get(edge);
  if (before?.seconds === seconds && before.glyphs === glyphs) return before.row;
  const row = rowOf(key, edge, seconds, glyphs);
  written.set(edge, { seconds, glyphs, row });
  return row;
};

/** `node`: only those that begin or end there; null: all. */
export const edgesView = (state: WatchState, node: string | null, glyphs: Glyphs): View => ({
  columns,
  rows: [...state.edges]
    .filter(([, { status }]) => node === null || status.node === node || status.source === node)
    .map(([key, edge]) => rowOnce(key, edge, state, glyphs)),
  none: state.introspected ? 'No edge.' : 'Edges are being read.',
});
