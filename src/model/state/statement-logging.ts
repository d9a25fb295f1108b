// The settings by which a server keeps the text of statements, where a password in one would stay readable.

/** A setting that is in force, and would keep the text of a statement. */
export interface StatementLogging {
  readonly setting: string;
  /** The role may turn it off for a transaction. */
  readonly mayTurnOff: boolean;
}

/** What turns each off. */
export const loggingOff = {
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_min_error_statement: 'panic',
  'pgaudit.log': 'none',
  'pg_stat_statements.track_utility': 'off',
  track_activities: 'off',
} as const;

/** One that an open transaction cannot turn off: it is decided when the transaction begins. */
export const sampledTransactions = 'log_transaction_sample_rate';

/** The text is in memory only, until the session sends another statement. */
export const passing = 'track_activities';
