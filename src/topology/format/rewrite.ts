// What Prettier 3.10 does not print safely is written in another way that means the same. Comments between brackets, which
// it moves away from their items and writes commas into: their brackets become blocks, one item a line. Texts that end in
// empty lines (`|+`), of which it loses some before a comment: they get quotes.

import { Document, Scalar, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { rangeOf } from '../parse/source-document.ts';
import { type Edit, edited, lineStart } from './edits.ts';

type Collection = YAMLMap | YAMLSeq;

/** The text as Prettier can print it. Comments are taken out of the document: it is not to be used again. */
export const rewriteForPrettier = (text: string, document: Document): string => {
  const edits: Edit[] = [];
  visit(document, {
    Collection: (_, node) => {
      if (node.flow !== true) return undefined;
      const beside = commentBeside(text, node);
      // What is above the brackets stays there, and what is beside them the parser adds to what is at their end.
      node.commentBefore = null;
      if (beside !== '') node.comment = node.comment?.split('\n').slice(0, -1).join('\n') ?? null;
      if (node.items.length > 0 && hasComments(node)) edits.push(asBlock(text, node, beside));
      return visit.SKIP;
    },
    Scalar: (_, node) => {
      if (isBlockScalar(node) && /(?:^|\n)\n$/.test(String(node.value))) edits.push(inQuotes(node));
    },
  });
  return edited(text, edits, [0, text.length]);
};

const isBlockScalar = ({ type }: Scalar): boolean =>
  type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED;

const inQuotes = (node: Scalar): Edit => {
  const comment = node.comment == null ? '' : ` #${node.comment}`;
  return { range: rangeOf(node) ?? [0, 0], text: `${JSON.stringify(node.value)}${comment}\n` };
};

const commentBeside = (text: string, node: Collection): string => {
  const comment = /[ \t]*#.*/y;
  comment.lastIndex = rangeOf(node)?.[1] ?? 0;
  return comment.exec(text)?.[0] ?? '';
};

const hasComments = (node: Collection): boolean => {
  let found = false;
  visit(new Document(node), {
    Node: (_, { comment, commentBefore }) => {
      found ||= Boolean(comment) || Boolean(commentBefore);
    },
  });
  return found;
};

/** On lines of its own, as deep as the bracket; what was beside the brackets is beside their key. */
const asBlock = (text: string, node: Collection, beside: string): Edit => {
  const [start, end] = rangeOf(node) ?? [0, 0];
  // They are before the range.
  delete node.anchor;
  delete node.tag;
  visit(new Document(node), {
    Collection: (_, inner) => {
      if (hasComments(inner)) inner.flow = false;
    },
  });
  const block = new Document(node).toString({ lineWidth: 0, verifyAliasOrder: false });
  const indent = ' '.repeat(start - lineStart(text, start));
  const lines = block.trimEnd().split('\n');
  const indented = lines.map((line) => (line === '' ? '' : indent + line));
  return {
    range: [start, end + beside.length],
    text: [beside.trim(), ...indented].join('\n'),
  };
};
