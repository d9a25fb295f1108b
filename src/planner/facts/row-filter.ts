// Which columns a row filter reads. A scan of its words, not a parser: a word that is a column's name
// counts as that column, so it can only find too many, never too few.

/** Literals and comments, which name nothing; then quoted and plain identifiers. */
const tokens =
  /--[^\n]*|\/\*[\s\S]*?\*\/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(?<tag>(?:[\p{L}_][\p{L}\p{N}_]*)?)\$[\s\S]*?\$\k<tag>\$|"(?<quoted>(?:[^"]|"")+)"|(?<plain>[\p{L}_][\p{L}\p{N}_$]*)/gu;

const words = (filter: string): readonly string[] =>
  [...filter.matchAll(tokens)].flatMap(({ groups }) => {
    if (groups?.quoted !== undefined) return [groups.quoted.replaceAll('""', '"')];
    return groups?.plain === undefined ? [] : [groups.plain.toLowerCase()];
  });

/** The columns of the table that the filter names. */
export const filterColumns = (filter: string, columns: readonly string[]): readonly string[] => {
  const named = new Set(words(filter));
  return columns.filter((column) => named.has(column));
};
