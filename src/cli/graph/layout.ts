// Where everything in a picture is drawn, by dagre: nodes and the labels of edges have columns in turn, and lines curve in
// the gaps between columns only, so that nothing covers anything else.

import { Graph, layout } from '@dagrejs/dagre';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Place extends Size {
  readonly left: number;
  readonly top: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout extends Size {
  readonly boxes: readonly Place[];
  readonly labels: readonly Place[];
  /** For each arrow, from its source to its target; between two of different heights it curves. */
  readonly lines: readonly (readonly Point[])[];
}

export interface SizedBox extends Size {
  readonly id: string;
}

export interface SizedArrow extends Size {
  readonly from: string;
  readonly to: string;
}

/** What dagre knows of a node or an edge: its size, and then its middle. */
interface Laid extends Size, Point {
  readonly points?: readonly Point[];
}

const margin = 24;

const settings = {
  rankdir: 'LR',
  acyclicer: 'greedy',
  marginx: margin,
  marginy: margin,
  nodesep: 18,
  edgesep: 18,
  ranksep: 56,
} as const;

const placeOf = ({ x, y, width, height }: Laid): Place => ({
  left: x - width / 2,
  top: y - height / 2,
  width,
  height,
});

interface Column {
  readonly left: number;
  readonly right: number;
}

/** What has the same middle is one column, as wide as its widest part. */
const columnsOf = (parts: readonly Laid[]): readonly Column[] => {
  const halves = new Map<number, number>();
  for (const { x, width } of parts) halves.set(x, Math.max(halves.get(x) ?? 0, width / 2));
  return [...halves].map(([x, half]) => ({ left: x - half, right: x + half }));
};

/** The side of a box where a line begins or ends, and how it runs from there to the edge of the column. */
const endOf = (box: Laid, next: Point, columns: readonly Column[], height: number): Point[] => {
  const side = next.x < box.x ? -1 : 1;
  const column = columns.find(({ left, right }) => left < box.x && box.x < right);
  const edge = side === 1 ? column?.right : column?.left;
  const x = box.x + (side * box.width) / 2;
  const y = Math.min(Math.max(height, box.y - box.height / 2 + 4), box.y + box.height / 2 - 4);
  return [
    { x, y },
    { x: edge ?? x, y },
  ];
};

/** Straight through every column on the way. */
const through = ({ x, y }: Point, columns: readonly Column[], forward: boolean): Point[] => {
  const column = columns.find(({ left, right }) => left <= x && x <= right);
  if (column === undefined) return [{ x, y }];
  const [enter, leave] = forward ? [column.left, column.right] : [column.right, column.left];
  return [
    { x: enter, y },
    { x: leave, y },
  ];
};

const lineOf = (source: Laid, target: Laid, edge: Laid, columns: readonly Column[]): Point[] => {
  const points = edge.points ?? [];
  const inner = points.slice(1, -1);
  const [first = edge, last = edge] = [inner.at(0), inner.at(-1)];
  const forward = source.x < target.x;
  return [
    ...endOf(source, first, columns, points[0]?.y ?? source.y),
    ...inner.flatMap((point) => through(point, columns, forward)),
    ...endOf(target, last, columns, points.at(-1)?.y ?? target.y).toReversed(),
  ];
};

/** The label of an arrow from a box to itself counts as a box: the line leads from it back to the box. */
const isLoop = ({ from, to }: SizedArrow): boolean => from === to;

const toGraph = (boxes: readonly SizedBox[], arrows: readonly SizedArrow[]) => {
  const graph = new Graph<Partial<Size>, Size, Size>({ multigraph: true });
  graph.setGraph({ ...settings });
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [index, arrow] of arrows.entries()) {
    const { from, to, width, height } = arrow;
    const [name, label] = [String(index), { width, height, labelpos: 'c' }];
    if (isLoop(arrow)) graph.setNode(labelId(index), label).setEdge(from, labelId(index), {}, name);
    else graph.setEdge(from, to, label, name);
  }
  return graph;
};

const labelId = (index: number): string => `label ${index}`;

/** Lays out boxes and labelled arrows from left to right. Pure, and the same for the same input. */
export const layOut = (boxes: readonly SizedBox[], arrows: readonly SizedArrow[]): Layout => {
  const graph = toGraph(boxes, arrows);
  layout(graph);
  const node = (id: string): Laid => graph.node(id) as Laid;
  const labels = arrows.map((arrow, index) =>
    isLoop(arrow) ? node(labelId(index)) : (graph.edge(arrow.from, arrow.to, `${index}`) as Laid),
  );
  const columns = columnsOf([...boxes.map(({ id }) => node(id)), ...labels]);
  const { width = 0, height = 0 } = graph.graph();
  return {
    boxes: boxes.map(({ id }) => placeOf(node(id))),
    labels: labels.map(placeOf),
    lines: arrows.map((arrow, index) => {
      const label = labels[index] ?? node(arrow.from);
      const source = isLoop(arrow) ? { ...label, points: [] } : node(arrow.from);
      return lineOf(source, node(arrow.to), label, columns);
    }),
    width,
    height,
  };
};
