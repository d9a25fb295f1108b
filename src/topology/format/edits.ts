// Replacements in a text, by where they are in it.

import type { TextRange } from '../parse/source-text.ts';

export interface Edit {
  readonly range: TextRange;
  readonly text: string;
}

/** A part of the text with the edits that are in it. They are in the order of the text, none inside another. */
export const edited = (text: string, edits: readonly Edit[], [start, end]: TextRange): string => {
  let at = start;
  let result = '';
  for (const { range, text: replacement } of edits) {
    if (range[0] < start || range[1] > end) continue;
    result += text.slice(at, range[0]) + replacement;
    at = range[1];
  }
  return result + text.slice(at, end);
};

/** Where the line of a place begins. */
export const lineStart = (text: string, at: number): number =>
  at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
