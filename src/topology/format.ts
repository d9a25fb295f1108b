// steep.yaml in its canonical form: layout, order of keys and quotes. What it means stays, and so
// do its comments and the blank lines between its parts.

import { isDeepStrictEqual } from 'node:util';
import { isMap, type Pair, parseDocument, visit, type YAMLMap } from 'yaml';
import { commentsOf } from './format-comments.ts';
import { moveComments } from './format-moves.ts';
import { orderKeys } from './format-order.ts';
import { printRoot } from './format-print.ts';

/** Formats text that parseFile accepts. @throws Error where that would change what it says, a bug. */
export const formatText = (text: string): string => {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const document = parse(source);
  const root = document.contents;
  if (!isMap(root)) throw new Error('Only a mapping can be formatted.');
  const found = commentsOf(source, document, root);
  const order = isOrderFree(document) ? orderKeys(root) : new Map<YAMLMap, readonly Pair[]>();
  const comments = { ...found, before: moveComments(found.before, order, root) };
  const directives = document.directives?.toString(document) ?? '';
  const head = directives === '' ? [] : [directives, '---'];
  const formatted = `${[...head, ...printRoot({ comments, order }, root)].join('\n')}\n`;
  if (!isDeepStrictEqual(parse(formatted).toJS(), document.toJS())) {
    throw new Error('Formatting would change what the file says. Nothing was written.');
  }
  return formatted;
};

const parse = (text: string) => parseDocument(text, { stringKeys: true, keepSourceTokens: true });

/** An alias must stand behind its anchor, so that a file with aliases keeps its order. */
const isOrderFree = (document: ReturnType<typeof parse>): boolean => {
  let free = true;
  visit(document, {
    Alias: () => {
      free = false;
      return visit.BREAK;
    },
  });
  return free;
};
