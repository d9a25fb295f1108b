// Which columns a row filter reads. A scan of its words, not a parser: a word that is a column's name
// counts as that column, so it can only find too many, never too few.

import { wordsOf } from '../../model/filter-words.ts';

/** The columns of the table that the filter names. */
export const filterColumns = (filter: string, columns: readonly string[]): readonly string[] => {
  const named = new Set(wordsOf(filter).map(({ name }) => name));
  return columns.filter((column) => named.has(column));
};

/** Built-in functions whose value depends on more than the row. */
const mutable = [
  /^(?:now|timeofday|random|gen_random_uuid|nextval|currval|lastval|txid_current)$/,
  /^(?:clock|statement|transaction|local|current)_?time(?:stamp)?$/,
  /^(?:current|session)_(?:user|role|date|setting|schema)$/,
  /^pg_(?:current_xact_id|backend_pid)$/,
];

/** Those that a row filter names, and that are no columns of the table: PostgreSQL permits none. */
export const mutableFunctions = (filter: string, columns: readonly string[]): readonly string[] =>
  wordsOf(filter)
    .map(({ name }) => name)
    .filter((name) => mutable.some((it) => it.test(name)) && !columns.includes(name));
