// Words, columns and cuts: text as every renderer lays it out.

import { stripVTControlCharacters } from 'node:util';

export { plural } from '../../model/listing.ts';

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

/** One line, cut with … where it is longer than `width`. */
export const cut = (text: string, width: number): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, width - 1).trimEnd()}…`;
};

/** Puts `indent` before every line but the first. */
export const hang = (text: string, indent: string): string => text.replaceAll('\n', `\n${indent}`);
