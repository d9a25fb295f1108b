// A document as text: two spaces a level, short lists and what stood in brackets on one line, long
// ones on several. Comments stay with their items.

import { isMap, isPair, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Comments } from './format-comments.ts';
import { type Collection, isCollection, isFlow } from './format-items.ts';
import { isBlockScalar, keySource, scalarText } from './format-scalar.ts';

/** What no line exceeds that can be shorter. */
const lineWidth = 100;

export interface Printing {
  readonly comments: Comments;
  readonly order: ReadonlyMap<YAMLMap, readonly Pair[]>;
}

/** The lines of the root mapping. */
export const printRoot = (printing: Printing, root: YAMLMap): readonly string[] =>
  root.items.length === 0 ? ['{}', ...trailing(printing, root, '')] : block(printing, root, '');

type Entry = Pair | Node;

const entriesOf = ({ order }: Printing, node: Collection): readonly Entry[] =>
  (isMap(node) ? (order.get(node) ?? node.items) : node.items) as readonly Entry[];

const contentOf = (entry: Entry): unknown => (isPair(entry) ? entry.value : entry);

/** A collection on lines of its own. */
const block = (printing: Printing, node: Collection, indent: string): readonly string[] => [
  ...entriesOf(printing, node).flatMap((entry, index) => {
    const lines = isPair(entry)
      ? pairLines(printing, entry, indent)
      : itemLines(printing, entry, indent);
    return index === 0 ? withoutGap(lines) : lines;
  }),
  ...trailing(printing, node, indent),
];

const withoutGap = (lines: readonly string[]): readonly string[] =>
  lines.slice(lines.findIndex((line) => line !== ''));

const trailing = ({ comments }: Printing, node: Collection, indent: string): readonly string[] =>
  indented(comments.after.get(node) ?? [], indent);

const indented = (lines: readonly string[], indent: string): readonly string[] =>
  lines.map((line) => (line === '' ? '' : `${indent}${line}`));

const pairLines = (printing: Printing, pair: Pair, indent: string): readonly string[] => {
  const { before, beside } = printing.comments;
  const head = `${indent}${keySource(pair.key, false)}:`;
  const lines = indented(before.get(pair) ?? [], indent);
  const comment = besideText(beside.get(pair));
  const { value } = pair;
  const line = oneLine(printing, value, head.length + 1 + comment.length);
  if (line !== null) return [...lines, `${joined(head, line)}${comment}`];
  if (isCollection(value)) {
    const opening = `${joined(head, anchorOf(value))}${comment}`;
    return [...lines, opening, ...block(printing, value, `${indent}  `)];
  }
  const [first = '', ...rest] = scalarText(value, false, indent.length).split('\n');
  return [...lines, `${joined(head, first)}${comment}`, ...indented(rest, indent)];
};

/** `-` and what follows it. There is no room beside the `-` of a long entry: above it there is. */
const itemLines = (printing: Printing, node: Node, indent: string): readonly string[] => {
  const { before, beside } = printing.comments;
  const lines = indented(before.get(node) ?? [], indent);
  const comment = beside.get(node);
  const column = indent.length + 2;
  const line = oneLine(printing, node, column + besideText(comment).length);
  if (line !== null) return [...lines, `${joined(`${indent}-`, line)}${besideText(comment)}`];
  if (!isCollection(node)) {
    const [first = '', ...rest] = scalarText(node, false, indent.length).split('\n');
    return [...lines, `${indent}- ${first}${besideText(comment)}`, ...indented(rest, indent)];
  }
  const above = comment === undefined ? lines : [...lines, `${indent}${comment}`];
  const alone = oneLine(printing, node, column);
  if (alone !== null) return [...above, `${indent}- ${alone}`];
  const inner = block(printing, node, `${indent}  `);
  if (node.anchor !== undefined) return [...above, `${indent}- ${anchorOf(node)}`, ...inner];
  // A list in a list: its first entry may have brought a comment with it.
  const at = inner.findIndex((text) => !text.trimStart().startsWith('#'));
  const first = `${indent}- ${(inner[at] ?? '').trimStart()}`;
  const moved = inner.slice(0, at).map((text) => text.slice(2));
  return [...above, ...moved, first, ...inner.slice(at + 1)];
};

const besideText = (comment: string | undefined): string =>
  comment === undefined ? '' : ` ${comment}`;

const joined = (...words: readonly string[]): string =>
  words.filter((word) => word !== '').join(' ');

const anchorOf = ({ anchor }: Collection): string => (anchor === undefined ? '' : `&${anchor}`);

/** A value as it fits behind `used` columns; null: it takes several lines. */
const oneLine = (printing: Printing, node: unknown, used: number): string | null => {
  if (!isCollection(node)) return isBlockScalar(node) ? null : scalarText(node, false);
  if (node.items.length === 0) return joined(anchorOf(node), isMap(node) ? '{}' : '[]');
  if (hasComments(printing, node) || !(isFlow(node) || isScalarList(node))) return null;
  const text = flow(printing, node);
  return used + text.length > lineWidth || text.includes('\n') ? null : text;
};

/** Comments and blank lines need lines of their own. */
const hasComments = (printing: Printing, node: unknown): boolean => {
  if (!isCollection(node)) return false;
  const { before, beside, after } = printing.comments;
  return (
    after.has(node) ||
    entriesOf(printing, node).some(
      (entry) =>
        (before.get(entry) ?? []).length > 0 ||
        beside.has(entry) ||
        hasComments(printing, contentOf(entry)),
    )
  );
};

const isScalarList = (node: Collection): node is YAMLSeq =>
  !isMap(node) && node.items.every((item) => !isCollection(item) && !isBlockScalar(item));

const flow = (printing: Printing, node: unknown): string => {
  if (!isCollection(node)) return scalarText(node, true);
  const parts = entriesOf(printing, node).map((entry) =>
    isPair(entry)
      ? `${keySource(entry.key, true)}: ${flow(printing, entry.value)}`
      : flow(printing, entry),
  );
  const text = parts.join(', ');
  if (!isMap(node)) return joined(anchorOf(node), `[${text}]`);
  return joined(anchorOf(node), parts.length === 0 ? '{}' : `{ ${text} }`);
};
