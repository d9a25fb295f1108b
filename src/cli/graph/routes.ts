// The way of each arrow through the columns, and the points where its line bends.

import type { Column } from './columns.ts';

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

export interface SizedArrow extends Size {
  readonly from: string;
  readonly to: string;
}

/** Between the ends of lines at one side of a box. */
export const portGap = 14;

/** The cells that a line joins, from left to right, each with its column. */
export interface Route {
  readonly cells: readonly { readonly id: string; readonly column: number }[];
  /** The arrow points to the left. */
  readonly turned: boolean;
}

/** The cell of an arrow's label. */
export const labelId = (index: number): string => `label ${index}`;

/** Through its label, which stands in the first gap, and straight through all columns between. */
export const routeOf = (
  { from, to }: SizedArrow,
  index: number,
  ranks: ReadonlyMap<string, number>,
): Route => {
  const [source, target] = [(ranks.get(from) ?? 0) * 2, (ranks.get(to) ?? 0) * 2];
  const [start, end] = source <= target ? [source, target] : [target, source];
  const between = Array.from({ length: Math.max(1, end - start - 1) }, (_, step) => ({
    id: step === 0 ? labelId(index) : `line ${index} ${step}`,
    column: start + 1 + step,
  }));
  const first = { id: source <= target ? from : to, column: start };
  const last = { id: source <= target ? to : from, column: end };
  // From a node to itself: out to the label, and from there back.
  if (source === target) return { cells: [first, ...between], turned: true };
  return { cells: [first, ...between, last], turned: source > target };
};

/** Where a cell stands. */
export const placeOf = (places: ReadonlyMap<string, Place>, id: string): Place =>
  places.get(id) ?? { left: 0, top: 0, width: 0, height: 0 };

/** The points of each line, from its source to its target. */
export const linesOf = (
  routes: readonly Route[],
  places: ReadonlyMap<string, Place>,
  columns: readonly Column[],
): readonly (readonly Point[])[] => {
  const edges = columns.map((column) => ({
    left: Math.min(...column.map(({ id }) => placeOf(places, id).left)),
    right: Math.max(...column.map(({ id }) => rightOf(placeOf(places, id)))),
  }));
  return routes.map((route) => {
    const points = route.cells.flatMap(({ id, column }, at): readonly Point[] => {
      const place = placeOf(places, id);
      const y = portOf(routes, route, at, places);
      const edge = edges[column] ?? { left: place.left, right: rightOf(place) };
      const enter =
        at === 0
          ? []
          : [
              { x: edge.left, y },
              { x: place.left, y },
            ];
      const leave =
        at === route.cells.length - 1
          ? []
          : [
              { x: rightOf(place), y },
              { x: edge.right, y },
            ];
      return [...enter, ...leave];
    });
    return route.turned ? points.toReversed() : points;
  });
};

const rightOf = ({ left, width }: Place): number => left + width;
const middleOf = ({ top, height }: Place): number => top + height / 2;

/** How high a line meets a cell: those at one side of a box stand in the order of their other ends. */
const portOf = (
  routes: readonly Route[],
  route: Route,
  at: number,
  places: ReadonlyMap<string, Place>,
): number => {
  const cell = route.cells[at]?.id ?? '';
  const isFirst = at === 0;
  const ends = routes.filter(({ cells }) => cells.at(isFirst ? 0 : -1)?.id === cell);
  const middle = middleOf(placeOf(places, cell));
  if (!isFirst && at < route.cells.length - 1) return middle;
  const other = ({ cells }: Route): number =>
    middleOf(placeOf(places, cells.at(isFirst ? 1 : -2)?.id ?? ''));
  const inOrder = ends.toSorted((a, b) => other(a) - other(b));
  return middle + (inOrder.indexOf(route) - (ends.length - 1) / 2) * portGap;
};
