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

/** Built-in functions whose value depends on more than the row. */
const mutable = [
  /^(?:now|timeofday|random|gen_random_uuid|nextval|currval|lastval|txid_current)$/,
  /^(?:clock|statement|transaction|local|current)_?time(?:stamp)?$/,
  /^(?:current|session)_(?:user|role|date|setting|schema)$/,
  /^pg_(?:current_xact_id|backend_pid)$/,
];

/** Those that a row filter names, and that are no columns of the table: PostgreSQL permits none. */
export const mutableFunctions = (filter: string, columns: readonly string[]): readonly string[] =>
  words(filter).filter((word) => mutable.some((it) => it.test(word)) && !columns.includes(word));
