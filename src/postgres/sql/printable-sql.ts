// SQL as it may be printed: the same statement, with names and string constants in characters that print.

import { escapeCharacter, isPrintable, unprintable } from '../../model/printable.ts';

/** What quotes mean something in: comments, constants of each kind, names. A word before a quote is a part of it. */
const tokens =
  /--[^\n]*|\/\*[\s\S]*?\*\/|(?<![\p{L}\p{N}_$])[uU]&(?:"(?:[^"]|"")*"|'(?:[^']|'')*')|(?<![\p{L}\p{N}_$])[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|(?<![\p{L}\p{N}_$])(\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)[\s\S]*?\1|"(?:[^"]|"")*"/gu;

/**
 * The statement in characters that print, where it can be written so: a line feed within a name or a constant is an
 * escape. Bodies in dollar quotes stay as they are, since there nothing can be escaped. For `standard_conforming_strings`,
 * as every session of steep and every script of it has it.
 */
export const printableSql = (text: string): string =>
  text.replace(tokens, (token, _tag, offset: number) => {
    if (isPrintable(token)) return token;
    if (token.startsWith('--')) return token.replace(unprintable, escapeCharacter);
    if (token.startsWith('"')) return shownName(token.slice(1, -1));
    if (token.startsWith("'"))
      return `${/\w/.test(text.charAt(offset - 1)) ? ' ' : ''}${shownConstant(token)}`;
    return /^[eE]/.test(token) ? token.replace(unprintable, constantEscape) : token;
  });

/** PostgreSQL reads `U&"a\000Ab"` as the name with the line feed. `inside`: with its quotes doubled. */
const shownName = (inside: string): string => {
  const escaped = inside
    .replaceAll('\\', '\\\\')
    .replace(unprintable, (it) => `\\${hexOf(it).toUpperCase()}`);
  return `U&"${escaped}"`;
};

const shownConstant = (quoted: string): string =>
  `E${quoted.replaceAll('\\', '\\\\').replace(unprintable, constantEscape)}`;

/** PostgreSQL reads `\xNN` as a byte, and `\u00NN` as a character. */
const constantEscape = (character: string): string =>
  character > '\u007f' ? `\\u${hexOf(character)}` : escapeCharacter(character);

const hexOf = (character: string): string => character.charCodeAt(0).toString(16).padStart(4, '0');
