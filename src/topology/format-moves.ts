// Comments and blank lines that cannot stay where they are: the order of keys puts another one
// first, or there is no line for them.

import { isMap, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Comments } from './format-comments.ts';
import { isCollection } from './format-items.ts';

type Before = Comments['before'];
type Order = ReadonlyMap<YAMLMap, readonly Pair[]>;

/** What stands above each item once the keys are in order. */
export const moveComments = (before: Before, order: Order, root: YAMLMap): Before =>
  hoist(moveGaps(before, order, root), order, root);

/**
 * Where another key becomes the first of a block, the blank line that stood between the two stands
 * between them still, and what heads the file stays at its top.
 */
const moveGaps = (before: Before, order: Order, root: YAMLMap): Before => {
  const moved = new Map(before);
  for (const [node, pairs] of order) {
    const [old] = node.items;
    const [first] = pairs;
    if (old === undefined || first === undefined || old === first) continue;
    const own = before.get(old) ?? [];
    const end = node === root ? endOfHeader(own) : 0;
    const rest = own.slice(end);
    const spaced = node.items.some((pair) => before.get(pair)?.[0] === '') && rest[0] !== '';
    moved.set(old, spaced ? ['', ...rest] : rest);
    moved.set(first, [...own.slice(0, end), ...withoutGap(before.get(first) ?? [])]);
  }
  return moved;
};

/** Up to the last blank line; without one, the lines that speak to editors. */
const endOfHeader = (lines: readonly string[]): number =>
  Math.max(
    lines.lastIndexOf('') + 1,
    lines.findLastIndex((line) => /^#\s*yaml-language-server:/.test(line)) + 1,
  );

const withoutGap = (lines: readonly string[]): readonly string[] =>
  lines[0] === '' ? lines.slice(1) : lines;

/** An entry of a list begins on the line of its `-`: what stands above its first key goes above the `-`. */
const hoist = (before: Before, order: Order, root: YAMLMap): Before => {
  const moved = new Map(before);
  const visit = (node: unknown): void => {
    if (isMap(node)) for (const { value } of node.items) visit(value);
    if (!isSeq(node)) return;
    for (const entry of node.items as readonly Node[]) {
      visit(entry);
      if (!isCollection(entry)) continue;
      const first = isMap(entry) ? (order.get(entry) ?? entry.items)[0] : entry.items[0];
      const lines = moved.get(first as object) ?? [];
      if (lines.length === 0) continue;
      moved.set(entry, [...(moved.get(entry) ?? []), ...lines]);
      moved.delete(first as object);
    }
  };
  visit(root);
  return moved;
};
