// The view Nodes: one row each, also for a node that does not answer.

import { worstFirst } from '../../../model/copy/init-state.ts';
import type { WatchState } from '../../../model/watch/watch-state.ts';
import { edgeProgress, type WatchedEdge } from '../../../model/watch/watched-edge.ts';
import { oldestSlot, type WatchedNode } from '../../../model/watch/watched-node.ts';
import { type Glyphs, span, sparkline, type TextSpan } from '../screen-line.ts';
import type { Row, View } from '../table-lines.ts';
import { countText, healthOf, healthSpan, progressCell, sizeText } from '../words.ts';

const columns = [
  { title: 'node', optional: 0 },
  { title: 'version', optional: 5 },
  { title: 'role', optional: 6 },
  { title: 'state', optional: 0 },
  { title: 'health', optional: 0 },
  { title: 'copy', optional: 1 },
  { title: 'WAL kept', optional: 2 },
  { title: 'oldest slot', optional: 4 },
  { title: 'lag', optional: 3 },
  { title: 'statements', optional: 7 },
];

const sparks = 12;

/** The copy that is furthest behind. */
const slowest = (edges: readonly WatchedEdge[]) =>
  edges
    .map(edgeProgress)
    .filter((progress) => progress !== null)
    .sort((a, b) => a.percent - b.percent)[0] ?? null;

const laggiest = (edges: readonly WatchedEdge[]): readonly number[] =>
  edges.reduce<readonly number[]>(
    (most, { lags }) => ((lags.at(-1) ?? 0) >= (most.at(-1) ?? 0) ? lags : most),
    [],
  );

const healthCell = ({ lost, look }: WatchedNode, into: readonly WatchedEdge[]): TextSpan => {
  if (lost !== null) return span('NOT READ', 'bad');
  return look === null ? span('connecting', 'dim') : healthSpan(healthOf(into));
};

const lagCell = (edges: readonly WatchedEdge[], glyphs: Glyphs): string => {
  const lags = laggiest(edges);
  const now = lags.at(-1);
  return now === undefined ? '-' : `${sizeText(now)} ${sparkline(lags, sparks, glyphs)}`;
};

const noSlot = { name: '-', retainedBytes: null };

const rowOf = (node: WatchedNode, into: readonly WatchedEdge[], glyphs: Glyphs): Row => {
  const { name, look, lost } = node;
  const states = new Set(into.map(({ status }) => status.initState));
  const oldest = oldestSlot(node) ?? noSlot;
  return {
    key: name,
    node: name,
    edge: null,
    cells: [
      span(name, 'bold'),
      span(look?.version ?? '-'),
      span(look?.role ?? '-'),
      span(worstFirst.find((state) => states.has(state)) ?? '-'),
      healthCell(node, into),
      span(progressCell(slowest(into))),
      span(sizeText(oldest.retainedBytes)),
      span(oldest.name),
      span(lagCell(into, glyphs)),
      span(countText(look?.statements ?? null), 'dim'),
    ],
    detail: lost === null ? [] : [[`${lost.message} (${lost.code})`, 'bad']],
  };
};

export const nodesView = ({ nodes, edges }: WatchState, glyphs: Glyphs): View => {
  const into = Map.groupBy(edges.values(), ({ status }) => status.node);
  return {
    columns,
    rows: [...nodes.values()].map((node) => rowOf(node, into.get(node.name) ?? [], glyphs)),
    none: 'No node.',
  };
};
