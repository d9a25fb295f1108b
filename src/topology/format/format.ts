// steep.yaml in its canonical form: Prettier's layout, and the keys in the order of the documentation. What it means
// stays, and so do its comments and the blank lines between its parts.

import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, parseDocument, visit } from 'yaml';
import { moveKeys } from './move.ts';
import { orderKeys } from './order.ts';
import { printYaml } from './print.ts';
import { rewriteForPrettier } from './rewrite.ts';

/** Formats text that parseFile accepts. @throws Error where that would change what it says, a bug. */
export const formatText = async (text: string): Promise<string> => {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const document = parse(source);
  if (!isMap(document.contents)) throw new Error('Only a mapping can be formatted.');
  const printed = await printYaml(rewriteForPrettier(source, document));
  const ordered = inOrder(printed);
  const formatted = ordered === printed ? printed : await printYaml(ordered);
  if (!isDeepStrictEqual(parse(formatted).toJS(), parse(source).toJS())) {
    throw new Error('Formatting would change what the file says. Nothing was written.');
  }
  return formatted;
};

const parse = (text: string) => parseDocument(text, { stringKeys: true });

const inOrder = (text: string): string => {
  const document = parse(text);
  const { contents } = document;
  return isMap(contents) && !hasAlias(document)
    ? moveKeys(text, contents, orderKeys(contents))
    : text;
};

/** An alias must be behind its anchor, so that a file with aliases keeps its order. */
const hasAlias = (document: Document): boolean => {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
};
