// The settings that every session of steep fixes, and why. They travel in the startup packet, which is stronger than
// settings of the server, the database and the role. Every version knows each of them, those too that are too old for
// steep: they are told so once they have answered.

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

/** What a session sees, how long it lives, and how its transactions begin. */
export const sessionSettings = {
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
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  client_min_messages: 'warning',
  // The catalogs of 10,000 tables are sorted and hashed in memory, and compiling that takes longer than doing it.
  work_mem: '64MB',
  jit: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
} as const;

/**
 * The owner of a database could make any session of it begin as another role: ALTER DATABASE … SET role. That role would
 * then count as steep's own, and its code could RESET ROLE.
 */
export const roleSettings = { role: 'none' } as const;

/** Whether the user's own `options` of a connection choose a role, which counts then. */
export const choosesRole = (options: string): boolean =>
  /(?:^|\s)(?:-c\s*|--)role\s*=/i.test(options);

/** As `options` of a connection has them: a backslash escapes a space. */
export const settingOptions = (settings: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, '\\$&')}`,
  );
