// The items of a YAML document, keys of mappings and entries of lists, with where each one stands.

import {
  type Document,
  isMap,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { rangeOf } from './parse/source-document.ts';

export type Collection = YAMLMap | YAMLSeq;

/** A mapping or a list, and how far in its items stand. */
export interface Level {
  readonly node: Collection;
  readonly flow: boolean;
  readonly start: number;
  readonly end: number;
  /** Null: the root. */
  readonly holder: Item | null;
}

export interface Item {
  /** What comments are kept by: the pair of a mapping, the node of a list. */
  readonly owner: object;
  readonly value: unknown;
  readonly start: number;
  readonly column: number;
  readonly level: Level;
}

export const isCollection = (node: unknown): node is Collection => isMap(node) || isSeq(node);

/** Whether a collection stands between brackets. */
export const isFlow = ({ flow, items }: Collection): boolean => flow === true || items.length === 0;

/** Every item, in the order of the text. The document must keep its source tokens. */
export const itemsOf = (text: string, document: Document): readonly Item[] => {
  const items: Item[] = [];
  const walk = (node: unknown, holder: Item | null): void => {
    if (!isCollection(node)) return;
    const [start, end] = rangeOf(node) ?? [0, 0];
    const level = { node, flow: isFlow(node), start, end, holder };
    for (const [index, owner] of (node.items as readonly (Pair | Node)[]).entries()) {
      const at = isMap(node) ? startOf((owner as Pair).key) : dashOf(node, index, startOf(owner));
      const value = isMap(node) ? (owner as Pair).value : owner;
      const column = at - (text.lastIndexOf('\n', at - 1) + 1);
      const item = { owner, value, start: at, column, level };
      items.push(item);
      walk(value, item);
    }
  };
  walk(document.contents, null);
  return items;
};

const startOf = (node: unknown): number => rangeOf(node)?.[0] ?? 0;

/** Where the `-` of an entry stands: the node itself begins behind it. */
const dashOf = ({ srcToken }: Collection, index: number, otherwise: number): number => {
  if (srcToken?.type !== 'block-seq') return otherwise;
  const dash = srcToken.items[index]?.start.find(({ type }) => type === 'seq-item-ind');
  return dash?.offset ?? otherwise;
};

/** How many items begin before a place: the last of them, and the next one, stand there. */
export const countBefore = (items: readonly Item[], offset: number): number => {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((items[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
};
