// The words of a row filter. A scan, not a parser.

import { type Lexeme, scanSql } from './sql-lexemes.ts';

export interface FilterWord {
  /** As the server folds it. */
  readonly name: string;
  readonly quoted: boolean;
  /** A parenthesis follows. */
  readonly called: boolean;
}

/** A name and what it is qualified with, and what is beside it. */
export interface FilterName {
  /** `schema`, `table`, `column`, for example; the last may be `*`. */
  readonly parts: readonly FilterWord[];
  /** Lower case; null: nothing. */
  readonly before: string | null;
  readonly after: Lexeme | null;
}

const isWord = ({ kind }: Lexeme): boolean => kind === 'word' || kind === 'quoted';

const withoutComments = (filter: string): readonly Lexeme[] =>
  scanSql(filter).lexemes.filter(({ kind }) => kind !== 'comment');

const wordOf = ({ kind, text }: Lexeme, next: Lexeme | undefined): FilterWord => ({
  name: kind === 'quoted' ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase(),
  quoted: kind === 'quoted',
  called: next?.text === '(' && next.kind === 'symbol',
});

/** In their order, as often as they are there. */
export const wordsOf = (filter: string): readonly FilterWord[] =>
  withoutComments(filter).flatMap((lexeme, index, all) =>
    isWord(lexeme) ? [wordOf(lexeme, all[index + 1])] : [],
  );

/** The same words, those that dots join together. */
export const namesOf = (filter: string): readonly FilterName[] => {
  const all = withoutComments(filter);
  const names: FilterName[] = [];
  for (let at = 0; at < all.length; at += 1) {
    const first = all[at];
    if (first === undefined || !isWord(first)) continue;
    const before = all[at - 1]?.text.toLowerCase() ?? null;
    const parts = [wordOf(first, all[at + 1])];
    while (all[at + 1]?.text === '.') {
      const part = all[at + 2] ?? { kind: 'symbol', text: '' };
      parts.push(wordOf(part, all[at + 3]));
      at += 2;
    }
    names.push({ parts, before, after: all[at + 1] ?? null });
  }
  return names;
};
