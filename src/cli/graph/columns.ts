// The order of things in each column, so that few lines cross, and their heights, so that lines are
// nearly straight and nothing overlaps.

export interface Cell {
  readonly id: string;
  readonly height: number;
  /** Cells of the column before and behind that a line joins it with. */
  readonly left: readonly string[];
  readonly right: readonly string[];
}

export type Column = readonly Cell[];

const sweeps = 12;

/** Sorts each column by what its cells are joined with. */
export const orderColumns = (columns: readonly Column[]): readonly Column[] => {
  let current = columns;
  let best = columns;
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    current = swept(current, sweep % 2 === 0 ? 'left' : 'right');
    if (crossings(current) < crossings(best)) best = current;
  }
  return best;
};

type Side = 'left' | 'right';

const swept = (columns: readonly Column[], side: Side): readonly Column[] => {
  const places = placesOf(columns);
  const inOrder = side === 'left' ? columns : columns.toReversed();
  const sorted = inOrder.map((column) => {
    const wish = (cell: Cell): number =>
      mean(cell[side].flatMap((id) => places.get(id) ?? [])) ?? places.get(cell.id) ?? 0;
    const next = column.toSorted((a, b) => wish(a) - wish(b));
    for (const [index, { id }] of next.entries()) places.set(id, place(index, next.length));
    return next;
  });
  return side === 'left' ? sorted : sorted.toReversed();
};

/** From 0 to 1, so that columns of different lengths compare. */
const place = (index: number, length: number): number => (index + 0.5) / length;

const placesOf = (columns: readonly Column[]): Map<string, number> =>
  new Map(
    columns.flatMap((column) =>
      column.map(({ id }, index) => [id, place(index, column.length)] as const),
    ),
  );

const mean = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

const crossings = (columns: readonly Column[]): number => {
  const places = placesOf(columns);
  const crossing = (column: Column): number => {
    const ends = column.flatMap(({ id, right }) =>
      right.map((other) => [places.get(id) ?? 0, places.get(other) ?? 0] as const),
    );
    return ends.flatMap(([a, b]) => ends.filter(([c, d]) => a < c && b > d)).length;
  };
  return columns.reduce((sum, column) => sum + crossing(column), 0);
};

/** The middle of each cell, from above. `gap` is kept between any two of a column. */
export const placeCells = (
  columns: readonly Column[],
  gap: number,
): ReadonlyMap<string, number> => {
  const middles = new Map<string, number>();
  const settle = (column: Column, wish: (cell: Cell) => number): void => {
    for (const [id, middle] of apart(column, column.map(wish), gap)) middles.set(id, middle);
  };
  for (const column of columns) settle(column, () => 0);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const side = sweep % 2 === 0 ? 'left' : 'right';
    for (const column of side === 'left' ? columns : columns.toReversed()) {
      settle(
        column,
        (cell) =>
          mean(cell[side].flatMap((id) => middles.get(id) ?? [])) ?? middles.get(cell.id) ?? 0,
      );
    }
  }
  return middles;
};

/**
 * As near to the wishes as the order allows. Pushing down from the first and pushing up from the last
 * both keep the distances, and so does what lies half way between.
 */
const apart = (
  column: Column,
  wishes: readonly number[],
  gap: number,
): readonly (readonly [string, number])[] => {
  const distance = (index: number): number =>
    ((column[index]?.height ?? 0) + (column[index + 1]?.height ?? 0)) / 2 + gap;
  const down = [...wishes];
  for (let at = 1; at < down.length; at += 1) {
    down[at] = Math.max(down[at] ?? 0, (down[at - 1] ?? 0) + distance(at - 1));
  }
  const up = [...wishes];
  for (let at = up.length - 2; at >= 0; at -= 1) {
    up[at] = Math.min(up[at] ?? 0, (up[at + 1] ?? 0) - distance(at));
  }
  return column.map(({ id }, at) => [id, ((down[at] ?? 0) + (up[at] ?? 0)) / 2] as const);
};
