// Names that columns pass on to each other: `b` became `c`, and `a` became `b`. As a chain they can be renamed, the last one
// first: a subscriber in between lacks a name that is sent, and apply stops. Not where a name is that of a new column, or where
// they form a ring, as two columns that exchange their names: then changes from before and after fit the same columns.

import { formatName } from '../../model/identifier.ts';
import type { ColumnRenaming } from '../../model/schema/renaming.ts';

/** A renaming that the subscriber has not done; it cannot be done where it is taken. */
export type ColumnHere = ColumnRenaming & { readonly isTaken: boolean };

interface Sides {
  readonly target: (name: string) => boolean;
  readonly source: (name: string) => boolean;
}

/** From this one on, as far as `next` leads; null: in a ring. */
const follow = (
  first: ColumnRenaming,
  next: (it: ColumnRenaming) => ColumnRenaming | undefined,
): readonly ColumnRenaming[] | null => {
  const found = [first];
  for (let it = next(first); it !== undefined; it = next(it)) {
    if (it === first) return null;
    found.push(it);
  }
  return found;
};

/** `others`: all of its table. */
export const stateInChain = (
  it: ColumnRenaming,
  others: readonly ColumnRenaming[],
  has: Sides,
): 'open' | 'done' | 'taken' => {
  const before = follow(it, ({ from }) => others.find(({ to }) => to === from));
  const after = follow(it, ({ to }) => others.find(({ from }) => from === to));
  if (before === null || after === null) return 'taken';
  const [first, last] = [before.at(-1) ?? it, after.at(-1) ?? it];
  // The last is renamed first: where a name before it is missing, it was.
  if (!has.target(it.from)) return 'done';
  if (before.some(({ from }) => !has.target(from)) && has.target(last.to)) return 'done';
  const isFree = after.some(({ to }) => !has.target(to));
  return isFree && !has.source(first.from) ? 'open' : 'taken';
};

/** Partitions say it once each. */
export const distinct = (columns: readonly ColumnHere[]): readonly ColumnHere[] => [
  ...new Map(columns.map((it) => [JSON.stringify([it.table, it.from]), it])).values(),
];

/** Each after the one that frees its name. */
export const inTurn = (columns: readonly ColumnHere[]): readonly ColumnHere[] => {
  const lengthOf = ({ table, to }: ColumnHere): number => {
    const next = columns.find(
      (it) => !it.isTaken && it.from === to && formatName(it.table) === formatName(table),
    );
    return next === undefined ? 0 : 1 + lengthOf(next);
  };
  return columns.toSorted((a, b) => lengthOf(a) - lengthOf(b));
};
