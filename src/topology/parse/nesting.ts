// How large and how deeply nested a file may be. The time that parsing and formatting take grows faster than either,
// and a file comes from anyone who may write to a branch.

import { Lexer } from 'yaml';

const megabyte = 1024 * 1024;
const deepest = 64;

/** Why a text is not even parsed, as a sentence; null: nothing speaks against it. */
export const excess = (text: string): string | null => {
  if (text.length > megabyte) return 'The file is larger than 1 MB: split it with `include`.';
  return isTooDeep(text) ? `The file is nested more than ${deepest} levels deep.` : null;
};

const opening: ReadonlySet<string> = new Set(['[', '{']);
const closing: ReadonlySet<string> = new Set([']', '}']);
const compact: ReadonlySet<string> = new Set(['-', '?']);

/** Brackets that are open, and on each line its indentation and the items that begin one inside the other. */
function isTooDeep(text: string): boolean {
  let brackets = 0;
  let items = 0;
  for (const token of new Lexer().lex(text)) {
    if (opening.has(token)) brackets += 1;
    else if (closing.has(token)) brackets -= 1;
    else if (compact.has(token)) items += 1;
    else if (token === '\n') items = 0;
    if (brackets > deepest || items > deepest) return true;
  }
  return indentations(text) > deepest;
}

/** Different indentations, each deeper than the one before: at most so many mappings are inside each other. */
function indentations(text: string): number {
  const open: number[] = [];
  let most = 0;
  for (const line of text.split('\n')) {
    const indent = line.search(/[^ ]/);
    if (indent === -1) continue;
    while ((open.at(-1) ?? -1) >= indent) open.pop();
    open.push(indent);
    most = Math.max(most, open.length);
  }
  return most;
}
