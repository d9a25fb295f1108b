// Words, columns and cuts: text as every renderer lays it out.

import { stripVTControlCharacters } from 'node:util';

/** How many columns a text takes, whatever its colour. */
const textWidth = (text: string): number => stripVTControlCharacters(text).length;

/** Fills up to a width; a longer text is left as it is. */
export const padTo = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - textWidth(text)));

/** Rows as lines, each column as wide as its widest cell; the last one is not padded. */
export const alignColumns = (
  rows: readonly (readonly string[])[],
  gap = '  ',
): readonly string[] => {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, textWidth(cell));
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => padTo(cell, widths[index] ?? 0))
      .join(gap)
      .trimEnd(),
  );
};

/** `1 table`, `2 tables`, `0 tables`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** One line, cut with … where it is longer than `width`. */
export const cut = (text: string, width: number): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, width - 1).trimEnd()}…`;
};

/** Control characters, save for tab and newline. */
const control = /[^\P{Cc}\t\n]/gu;

/** Names and messages come from servers: none of them controls the terminal. */
export const printable = (text: string): string => text.replace(control, '\u{fffd}');

/** Puts `indent` before every line but the first. */
export const hang = (text: string, indent: string): string => text.replaceAll('\n', `\n${indent}`);

/** A word that a POSIX shell reads as it stands, quoted where it would not. */
export const shellWord = (word: string): string => {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.search(control) === -1) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${word.replace(/[\\']/g, '\\$&').replace(control, shellEscape)}'`;
};

const shellEscape = (character: string): string =>
  `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
