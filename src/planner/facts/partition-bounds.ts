// Whether partitions take every row that another partition may hold, by the bounds of both as the server prints them.

/** A partition and what decides about its rows. */
export interface Bounded {
  /** `FOR VALUES …` or `DEFAULT`. */
  readonly bound: string;
}

const isDefault = ({ bound }: Bounded): boolean => bound === 'DEFAULT';

const modulusOf = ({ bound }: Bounded): number =>
  Number(/^FOR VALUES WITH \(modulus (\d+), remainder \d+\)$/.exec(bound)?.[1] ?? Infinity);

/** Partitions by hash never overlap: they are all there if their shares make a whole. */
const isWholeHash = (partitions: readonly Bounded[]): boolean =>
  partitions.reduce((sum, it) => sum + 1 / modulusOf(it), 0) > 1 - 1e-9;

/** Whether any row fits one of these partitions of a table; an incomplete list of ranges may say no where it is yes. */
export const takeEveryRow = (partitions: readonly Bounded[]): boolean =>
  partitions.some(isDefault) ||
  isWholeHash(partitions) ||
  coversRange({ from: 'MINVALUE', to: 'MAXVALUE' }, rangesOf(partitions), byText);

const listOf = (bound: string): readonly string[] => {
  const [, values = ''] = /^FOR VALUES IN \((.*)\)$/s.exec(bound) ?? [];
  return values.match(/'(?:[^']|'')*'|[^\s,']+/g) ?? [];
};

interface Range {
  readonly from: string;
  readonly to: string;
}

const rangeOf = (bound: string): Range | null => {
  const [, from, to] = /^FOR VALUES FROM \((.*)\) TO \((.*)\)$/s.exec(bound) ?? [];
  return from === undefined || to === undefined ? null : { from, to };
};

const rangesOf = (partitions: readonly Bounded[]): readonly Range[] =>
  partitions.flatMap(({ bound }) => rangeOf(bound) ?? []);

/** Null: it is not known which comes first. */
type Compare = (a: string, b: string) => number | null;

const byText: Compare = (a, b) => {
  if (a === b) return 0;
  if (a === 'MINVALUE' || b === 'MAXVALUE') return -1;
  return a === 'MAXVALUE' || b === 'MINVALUE' ? 1 : null;
};

const ordered =
  (isValue: RegExp, isLess: (a: string, b: string) => boolean): Compare =>
  (a, b) => {
    const known = byText(a, b);
    if (known !== null) return known;
    const [left, right] = [a.replaceAll("'", ''), b.replaceAll("'", '')];
    if (!isValue.test(left) || !isValue.test(right)) return null;
    if (isLess(left, right)) return -1;
    return isLess(right, left) ? 1 : 0;
  };

const asNumbers = ordered(/^-?\d{1,15}$/, (a, b) => Number(a) < Number(b));
/** As ISO prints them, in one time zone, without years before Christ or after 9999. */
const asTimes = ordered(/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?(\+00)?)?$/, (a, b) => a < b);

const compareBy = (type: string | null): Compare => {
  if (/^(smallint|integer|bigint|numeric.*)$/.test(type ?? '')) return asNumbers;
  return /^(date|timestamp.*)$/.test(type ?? '') ? asTimes : byText;
};

/** From one range to the next, as long as one begins where the last has ended, or before. */
const coversRange = (wanted: Range, ranges: readonly Range[], compare: Compare): boolean => {
  const atMost = (a: string, b: string): boolean => (compare(a, b) ?? 1) <= 0;
  let reached = wanted.from;
  for (let left = ranges.length; left > 0 && !atMost(wanted.to, reached); left -= 1) {
    const at = reached;
    const next = ranges.find(({ from, to }) => atMost(from, at) && !atMost(to, at));
    if (next === undefined) return false;
    reached = next.to;
  }
  return atMost(wanted.to, reached);
};

/**
 * Whether the rows of a partition fit these partitions of another table with the same key. `type`: of the only column of the
 * key; null: of several, or not known, where ranges are compared by their texts alone.
 */
export const takeRowsOf = (
  { bound }: Bounded,
  partitions: readonly Bounded[],
  type: string | null,
): boolean => {
  if (takeEveryRow(partitions)) return true;
  if (partitions.some((it) => it.bound === bound)) return true;
  const wanted = rangeOf(bound);
  if (wanted !== null) return coversRange(wanted, rangesOf(partitions), compareBy(type));
  const values = listOf(bound);
  const taken = new Set(partitions.flatMap((it) => listOf(it.bound)));
  return values.length > 0 && values.every((value) => taken.has(value));
};
