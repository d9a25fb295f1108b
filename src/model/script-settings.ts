// For scripts that a user runs in another session: the settings on which the meaning of their texts depends, and with which
// nothing of others runs. The owner of a database sets them for every session in it.

/**
 * What values look like as text, and what text means as a value or as an expression. Two sessions that exchange or
 * compare values must agree on all of these; so must the session that runs a script that steep wrote.
 */
export const valueSettings = {
  // Names that types of names (regclass, …) print and read, and that expressions are deparsed with.
  search_path: '',
  quote_all_identifiers: 'off',
  // Dates and times as text. The order of day and month counts where a row filter says '01/02/2026'.
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  timezone_abbreviations: 'Default',
  // Floats that read back as the same number; at 0 or below, digits are lost.
  extra_float_digits: '1',
  bytea_output: 'hex',
  // money: its symbol, its separators, and how many digits are a fraction.
  lc_monetary: 'C',
  // off: an element NULL of an array is read as the text "NULL".
  array_nulls: 'on',
  // document: a value that is a fragment of XML is refused.
  xmloption: 'content',
  xmlbinary: 'base64',
  // on: `column = NULL` in a row filter means IS NULL.
  transform_null_equals: 'off',
  standard_conforming_strings: 'on',
} as const;

/** What a statement reads, and what runs or is logged while it does. */
export const readingSettings = {
  // Rows that a policy hides from the role are an error, not a smaller table.
  row_security: 'off',
  // Above 0, a scan of a GIN index returns some of the rows that a filter asks for.
  gin_fuzzy_search_limit: '0',
  // Otherwise, to plan a query with a condition folds the CHECKs of its tables or of their partitions, which runs functions
  // of their owners.
  constraint_exclusion: 'off',
  // The server would log statements with their constants: passwords of subscriptions are among them.
  debug_print_parse: 'off',
  debug_print_rewritten: 'off',
  debug_print_plan: 'off',
} as const;

const lineLength = 110;

/** Lines at the beginning of a script: for the session, or until the end of the transaction. */
export const scriptSettings = (command: 'SET' | 'SET LOCAL'): readonly string[] => {
  const lines: string[] = [];
  for (const [name, value] of Object.entries({ ...valueSettings, ...readingSettings })) {
    const statement = `${command} ${name.toLowerCase()} = '${value}';`;
    const last = lines.at(-1);
    if (last === undefined || last.length + statement.length >= lineLength) lines.push(statement);
    else lines[lines.length - 1] = `${last} ${statement}`;
  }
  return lines;
};
