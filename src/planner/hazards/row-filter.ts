// Which columns a row filter reads. A scan of its words, not a parser: a word that is a column's name
// counts as that column, so it can only find too many, never too few.

/** Strips literals, then reads quoted and plain identifiers. */
const words = (filter: string): readonly string[] => {
  const withoutLiterals = filter.replace(/'(?:[^']|'')*'/g, ' ');
  const found: string[] = [];
  for (const match of withoutLiterals.matchAll(/"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)/gu)) {
    const [, quoted, plain] = match;
    found.push(quoted === undefined ? (plain ?? '').toLowerCase() : quoted.replaceAll('""', '"'));
  }
  return found;
};

/** The columns of the table that the filter names. */
export const filterColumns = (filter: string, columns: readonly string[]): readonly string[] => {
  const named = new Set(words(filter));
  return columns.filter((column) => named.has(column));
};
