// A parsed file: its plain value, and where each key and value is.

import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { SourceSpan } from '../../model/diagnostic.ts';
import { type SourceText, spanOf, type TextRange } from './source-text.ts';

/** The way from the root to a value: keys and positions in lists. */
export type Path = readonly (string | number)[];

/** A part of a text value, such as the one character that is wrong. */
export interface TextPart {
  readonly offset: number;
  readonly length: number;
}

export interface SourceDocument {
  readonly file: string;
  /** Plain data; not validated. */
  readonly value: unknown;
  /** The place of a key, or of an item of a list. What is missing is shown where it would belong. */
  readonly keyAt: (path: Path) => SourceSpan;
  /** The place of a value, or the part of it that matters. */
  readonly valueAt: (path: Path, part?: TextPart) => SourceSpan;
}

/** Joins a value with its places in the text. */
export const sourceDocument = (
  source: SourceText,
  document: Document,
  value: unknown,
): SourceDocument => ({
  file: source.file,
  value,
  keyAt: (path) => {
    const { key, value: node } = find(document, path);
    return spanOf(source, rangeOf(key) ?? rangeOf(node) ?? [0, 0]);
  },
  valueAt: (path, part) => {
    const { key, value: node } = find(document, path);
    const range = filled(rangeOf(node)) ?? rangeOf(key) ?? [0, 0];
    return spanOf(source, part === undefined ? range : narrowed(source.text, range, node, part));
  },
});

/** `publications.sales.tables[1].columns`: a path as people write it. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

/** The text of a mapping's key, as it becomes a property of the plain value. */
export const keyText = ({ key }: Pair): string => String(isScalar(key) ? (key.value ?? '') : key);

interface Found {
  readonly key: unknown;
  readonly value: unknown;
}

/** The node at a path, or the nearest above it that exists. */
const find = (document: Document, path: Path): Found => {
  let found: Found = { key: null, value: document.contents };
  for (const part of path) {
    const next = child(resolved(document, found.value), part);
    if (next === null) break;
    found = next;
  }
  return found;
};

const child = (node: unknown, part: string | number): Found | null => {
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? null : { key: null, value: item };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => keyText(item) === String(part));
  return pair === undefined ? null : { key: pair.key, value: pair.value };
};

const resolved = (document: Document, node: unknown): unknown =>
  isAlias(node) ? node.resolve(document) : node;

/** The place of a node of YAML, without the white space behind it. */
export const rangeOf = (node: unknown): TextRange | null => {
  const range = (node as Node | null | undefined)?.range;
  return range == null ? null : [range[0], range[1]];
};

/** An empty value takes no space: its key is shown instead. */
const filled = (range: TextRange | null): TextRange | null =>
  range !== null && range[1] > range[0] ? range : null;

/** The range of a part of a text. Text that is escaped or folded is not found: then all of it. */
const narrowed = (text: string, range: TextRange, node: unknown, part: TextPart): TextRange => {
  if (!isScalar(node) || typeof node.value !== 'string') return range;
  const at = text.slice(...range).indexOf(node.value);
  if (at === -1) return range;
  const start = range[0] + at + part.offset;
  return [start, start + part.length];
};
