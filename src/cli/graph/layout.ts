// Where everything in a picture stands. Nodes and the labels of edges have columns in turn, and
// lines curve in the gaps between columns only, so that nothing lies upon anything else.

import { type Column, orderColumns, placeCells } from './columns.ts';
import { rankNodes } from './ranks.ts';
import {
  labelId,
  linesOf,
  type Place,
  type Point,
  placeOf,
  portGap,
  type Route,
  routeOf,
  type Size,
  type SizedArrow,
} from './routes.ts';

export interface Layout extends Size {
  readonly boxes: readonly Place[];
  readonly labels: readonly Place[];
  /** For each arrow, from its source to its target; between two of different heights it curves. */
  readonly lines: readonly (readonly Point[])[];
}

export interface SizedBox extends Size {
  readonly id: string;
}

const margin = 24;
const cellGap = 18;
const columnGap = 56;
/** Lays out boxes and labelled arrows from left to right. Pure, and the same for the same input. */
export const layOut = (boxes: readonly SizedBox[], arrows: readonly SizedArrow[]): Layout => {
  const ranks = rankNodes(
    boxes.map(({ id }) => id),
    arrows,
  );
  const routes = arrows.map((arrow, index) => routeOf(arrow, index, ranks));
  const sizes = sizesOf(boxes, arrows, routes);
  const columns = orderColumns(columnsOf(boxes, ranks, routes, sizes));
  const middles = placeCells(columns, cellGap);
  const places = placesOf(columns, middles, sizes);
  const all = [...places.values()];
  return {
    boxes: boxes.map(({ id }) => placeOf(places, id)),
    labels: arrows.map((_, index) => placeOf(places, labelId(index))),
    lines: linesOf(routes, places, columns),
    width: Math.max(0, ...all.map(({ left, width }) => left + width)) + margin,
    height: Math.max(0, ...all.map(({ top, height }) => top + height)) + margin,
  };
};

const sizesOf = (
  boxes: readonly SizedBox[],
  arrows: readonly SizedArrow[],
  routes: readonly Route[],
): ReadonlyMap<string, Size> => {
  const lines = (id: string, column: 'first' | 'last'): number =>
    routes.filter(({ cells }) => cells.at(column === 'first' ? 0 : -1)?.id === id).length;
  return new Map<string, Size>([
    ...boxes.map(({ id, width, height }): [string, Size] => {
      const ports = Math.max(lines(id, 'first'), lines(id, 'last'));
      return [id, { width, height: Math.max(height, (ports + 1) * portGap) }];
    }),
    ...arrows.map((label, index): [string, Size] => [labelId(index), label]),
  ]);
};

const nothing: Size = { width: 0, height: 0 };

const columnsOf = (
  boxes: readonly SizedBox[],
  ranks: ReadonlyMap<string, number>,
  routes: readonly Route[],
  sizes: ReadonlyMap<string, Size>,
): readonly Column[] => {
  const cells = [
    ...boxes.map(({ id }) => ({ id, column: (ranks.get(id) ?? 0) * 2 })),
    ...routes.flatMap((route) => route.cells.filter(({ id }) => !ranks.has(id))),
  ];
  const beside = (id: string, step: -1 | 1): readonly string[] =>
    routes.flatMap((route) => {
      const at = route.cells.findIndex((cell) => cell.id === id);
      const other = at === -1 ? undefined : route.cells[at + step];
      return other === undefined ? [] : [other.id];
    });
  const count = Math.max(-1, ...cells.map(({ column }) => column)) + 1;
  return Array.from({ length: count }, (_, column) =>
    cells
      .filter((cell) => cell.column === column)
      .map(({ id }) => ({
        id,
        height: (sizes.get(id) ?? nothing).height,
        left: beside(id, -1),
        right: beside(id, 1),
      })),
  );
};

const placesOf = (
  columns: readonly Column[],
  middles: ReadonlyMap<string, number>,
  sizes: ReadonlyMap<string, Size>,
): ReadonlyMap<string, Place> => {
  const topOf = (id: string): number =>
    (middles.get(id) ?? 0) - (sizes.get(id) ?? nothing).height / 2;
  const highest = Math.min(...columns.flatMap((column) => column.map(({ id }) => topOf(id))));
  const places = new Map<string, Place>();
  let x = margin;
  for (const column of columns) {
    const width = Math.max(0, ...column.map(({ id }) => (sizes.get(id) ?? nothing).width));
    for (const { id } of column) {
      const size = sizes.get(id) ?? { width, height: 0 };
      places.set(id, {
        ...size,
        left: x + (width - size.width) / 2,
        top: topOf(id) - highest + margin,
      });
    }
    x += width + columnGap;
  }
  return places;
};
