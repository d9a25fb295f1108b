// HTML by a tagged template that escapes whatever is put in, unless it is markup itself.
// Knows nothing of what a page shows.

import { printable, printableLines } from '../../../model/printable.ts';
import { escapeMarkup } from '../../escape-markup.ts';

/** A piece of HTML. Only `html` and `markup` make one. */
export interface Markup {
  readonly kind: 'markup';
  readonly text: string;
}

export type MarkupPart = string | number | Markup | readonly MarkupPart[];

/**
 * Strings are escaped and have one line, lists are joined. Values are between tags or in quoted attributes, nowhere
 * else.
 */
export const html = (texts: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup =>
  markup(texts.map((text, index) => text + textOf(parts[index] ?? '')).join(''));

/** Text that is HTML already: of our own, or escaped where it was made. */
export const markup = (text: string): Markup => ({ kind: 'markup', text });

/** For optional pieces. */
export const none: Markup = markup('');

const textOf = (part: MarkupPart): string => {
  if (typeof part === 'string') return lines(printable(part)).text;
  if (typeof part === 'number') return String(part);
  return isList(part) ? part.map(textOf).join('') : part.text;
};

const isList = (part: Markup | readonly MarkupPart[]): part is readonly MarkupPart[] =>
  Array.isArray(part);

/** A `:` after which another follows, where a line begins: a command to a build server that prints the page. */
const commandAtStart = /^([^\S\n]*):(?=:)/gm;

/** Text of several lines, such as SQL or a message: everything else that is put in has one. */
export const lines = (text: string): Markup =>
  markup(escapeMarkup(printableLines(text)).replace(commandAtStart, '$1&#58;'));
