// SQL as it may be printed: the same statement, with names and string constants in characters that print.

import {
  escapeCharacter,
  isPrintable,
  printableLines,
  unprintable,
} from '../../model/printable.ts';
import { type Lexeme, scanSqlWithSpace } from '../../model/sql-lexemes.ts';

/**
 * The statement in characters that print: what does not is an escape of the name or the constant that it is in. For
 * `standard_conforming_strings`, as every session of steep and every script of it has it.
 */
export const printableSql = (text: string): string => {
  if (isPrintable(text)) return text;
  const { lexemes } = scanSqlWithSpace(text);
  const shown = lexemes.map((lexeme, index) => shownLexeme(lexeme, lexemes, index)).join('');
  const length = lexemes.reduce((sum, lexeme) => sum + lexeme.text.length, 0);
  return shown + printableLines(text.slice(length));
};

const shownLexeme = (lexeme: Lexeme, all: readonly Lexeme[], index: number): string => {
  const { kind, text } = lexeme;
  if (isPrintable(text)) return text;
  if (kind === 'comment') return shownComment(text);
  // A carriage return ends a comment, as a line feed does.
  if (kind === 'symbol' || kind === 'word') return printableLines(text.replaceAll('\r', '\n'));
  if (all[index - 1]?.text === '&' && /^u$/i.test(all[index - 2]?.text ?? '')) {
    return text.replace(unprintable, unicodeEscape);
  }
  if (kind === 'quoted') return shownName(text.slice(1, -1));
  return shownConstant(text, all[index - 1]);
};

const shownComment = (text: string): string =>
  text.startsWith('--')
    ? `${text.slice(0, -1).replace(unprintable, escapeCharacter)}\n`
    : printableLines(text);

/** PostgreSQL reads `U&"a\000Ab"` as the name with the line feed. `inside`: with its quotes doubled. */
const shownName = (inside: string): string =>
  `U&"${inside.replaceAll('\\', '\\\\').replace(unprintable, unicodeEscape)}"`;

const shownConstant = (text: string, before: Lexeme | undefined): string => {
  if (/^[eE]/.test(text)) return text.replace(unprintable, constantEscape);
  if (text.startsWith('$')) return shownBody(text);
  const constant = `E${text.replaceAll('\\', '\\\\').replace(unprintable, constantEscape)}`;
  return before?.kind === 'word' ? ` ${constant}` : constant;
};

/** A body in dollar quotes keeps its lines; where something else does not print, it is a constant in quotes. */
const shownBody = (text: string): string => {
  if (printableLines(text) === text) return text;
  const tag = text.slice(0, text.indexOf('$', 1) + 1);
  const body = text.slice(tag.length, -tag.length);
  const escaped = body.replaceAll('\\', '\\\\').replaceAll("'", "''");
  return `E'${escaped.replace(unprintable, constantEscape)}'`;
};

const unicodeEscape = (character: string): string =>
  character.length > 1
    ? `\\+${hexOf(character, 6).toUpperCase()}`
    : `\\${hexOf(character).toUpperCase()}`;

/** PostgreSQL reads `\xNN` as a byte, and `\u00NN` as a character. */
const constantEscape = (character: string): string =>
  character.length === 1 && character > '\u007f'
    ? `\\u${hexOf(character)}`
    : escapeCharacter(character);

const hexOf = (character: string, digits = 4): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');
