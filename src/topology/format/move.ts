// Keys in their order, as pieces of the text: a key moves with its value, the comments and the blank line above it, and
// the comments behind it. The text is one that Prettier printed: the column of a comment tells what it belongs to.

import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { rangeOf } from '../parse/source-document.ts';
import type { TextRange } from '../parse/source-text.ts';
import { type Edit, edited, lineStart } from './edits.ts';

/** The text with the keys of each mapping in the order given for it. */
export const moveKeys = (
  text: string,
  root: YAMLMap,
  order: ReadonlyMap<YAMLMap, readonly Pair[]>,
): string => {
  const editsIn = (node: unknown): readonly Edit[] => {
    if (isSeq(node)) return node.items.flatMap(editsIn);
    if (!isMap(node)) return [];
    const edits = node.items.flatMap(({ value }) => editsIn(value));
    const sorted = order.get(node) ?? node.items;
    if (sorted.every((pair, index) => pair === node.items[index])) return edits;
    const pieces = node.flow === true ? flowPieces(text, node) : blockPieces(text, node);
    if (pieces === null) return edits;
    const places = sorted.map((pair) => node.items.indexOf(pair));
    const moved = places.map((place) => edited(text, edits, pieces.ranges[place] ?? [0, 0]));
    const joined = moved.reduce((all, piece, to) => all + pieces.gap(to, places) + piece);
    return [{ range: around(pieces.ranges), text: joined }];
  };
  return edited(text, editsIn(root), [0, text.length]);
};

/** A mapping as the parts of the text that move, and what is between them once they have. */
interface Pieces {
  readonly ranges: readonly TextRange[];
  /** What is before the piece at `to`; `places`: where each piece was. */
  readonly gap: (to: number, places: readonly number[]) => string;
}

const around = (ranges: readonly TextRange[]): TextRange => [
  ranges[0]?.[0] ?? 0,
  ranges.at(-1)?.[1] ?? 0,
];

const between = (text: string, ranges: readonly TextRange[]): readonly string[] =>
  ranges.slice(1).map(([start], index) => text.slice(ranges[index]?.[1], start));

/** Null: something is written before a key, an anchor or a tag. */
const flowPieces = (text: string, node: YAMLMap): Pieces | null => {
  const ranges = node.items.map((pair): TextRange => [startOf(pair), endOf(text, pair)]);
  const [start, end] = around(ranges);
  const [open, close] = rangeOf(node) ?? [start, end];
  const gaps = between(text, ranges);
  const outside = [text.slice(open + 1, start), ...gaps, text.slice(end, close - 1)];
  if (outside.some((gap) => /[^\s,]/.test(gap))) return null;
  return { ranges, gap: (to) => gaps[to - 1] ?? '' };
};

/** Null: something is written before a key, an anchor, a tag or `?`. */
const blockPieces = (text: string, node: YAMLMap): Pieces | null => {
  const starts = node.items.map(startOf);
  if (starts.some((start) => /[^ -]/.test(text.slice(lineStart(text, start), start)))) return null;
  const [first = 0] = starts;
  const column = first - lineStart(text, first);
  const ends = node.items.map((pair) => endOfComments(text, endOf(text, pair), column));
  const ranges = ends.map((end, index): TextRange => {
    const before = ends[index - 1];
    return [
      before === undefined ? commentsAbove(text, first, column) : inkAfter(text, before),
      end,
    ];
  });
  const isSpaced = between(text, ranges).map((gap) => gap.includes('\n\n'));
  // The first key of a block has no blank line above it. Where it becomes a later one it needs one like the others.
  const spaced = [isSpaced.includes(true), ...isSpaced];
  const gap = (to: number, places: readonly number[]): string =>
    (spaced[places[to] ?? 0] === true ? '\n\n' : '\n') + ' '.repeat(column);
  return { ranges, gap };
};

const startOf = ({ key }: Pair): number => rangeOf(key)?.[0] ?? 0;

/** Where an entry ends, without the comments behind it. */
const endOf = (text: string, entry: Pair | Node): number => {
  if ('key' in entry) return endOf(text, (isEmpty(entry.value) ? entry.key : entry.value) as Node);
  const isBlock = (isMap(entry) || isSeq(entry)) && entry.flow !== true;
  const last = isBlock ? (entry.items.at(-1) as Pair | Node | undefined) : undefined;
  if (last !== undefined) return endOf(text, last);
  const [start, end] = rangeOf(entry) ?? [0, 0];
  return start + text.slice(start, end).trimEnd().length;
};

const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.source === '' && node.value === null);

const inkAfter = (text: string, at: number): number => at + text.slice(at).search(/\S/);

/** With the comment on the same line, and those below that are deeper than the keys of the block. */
const endOfComments = (text: string, at: number, column: number): number => {
  const lineEnd = text.indexOf('\n', at);
  let end = lineEnd === -1 ? text.length : lineEnd;
  const comment = /\n+( *)#.*/y;
  for (;;) {
    comment.lastIndex = end;
    const found = comment.exec(text);
    if (found === null || (found[1]?.length ?? 0) <= column) return end;
    end = comment.lastIndex;
  }
};

/** The first of the comment lines right above a key. What heads a file stays: a line for editors, and what a blank line ends. */
const commentsAbove = (text: string, key: number, column: number): number => {
  const isComment = new RegExp(`^ {${column}}#(?!\\s*yaml-language-server:)`);
  let start = key;
  for (let line = lineStart(text, key); line > 0 && text.slice(line, start).trim() === ''; ) {
    line = lineStart(text, line - 1);
    if (!isComment.test(text.slice(line, start))) break;
    start = line + column;
  }
  return start;
};
