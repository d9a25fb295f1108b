// The failures that steep tells apart: a stable code, the cause in words, the cure.
// `steep explain` knows each code. SQLSTATEs: manual, appendix A.

export interface FailureKind {
  readonly code: string;
  readonly cause: string;
  readonly suggestions: readonly string[];
}

const unreachable: FailureKind = {
  code: 'UNREACHABLE',
  cause: 'the server does not answer',
  suggestions: [
    'Check that the server runs and that host and port are right: pg_isready --host HOST --port PORT',
    'Check firewalls, and listen_addresses on the server.',
  ],
};

const authentication: FailureKind = {
  code: 'AUTHENTICATION_FAILED',
  cause: 'the server refused the user',
  suggestions: [
    'Check user and password: psql --host HOST --port PORT --username USER --dbname DATABASE',
    'Check that pg_hba.conf of the server lets this user in from here: SELECT * FROM pg_hba_file_rules',
  ],
};

const tls: FailureKind = {
  code: 'TLS_FAILED',
  cause: 'no trusted TLS connection could be made',
  suggestions: ['Check sslmode and sslrootcert of the connection, and ssl on the server: SHOW ssl'],
};

const databaseMissing: FailureKind = {
  code: 'DATABASE_MISSING',
  cause: 'the database does not exist',
  suggestions: ['To list the databases: psql --list', 'Create it: CREATE DATABASE name'],
};

const privilege: FailureKind = {
  code: 'PRIVILEGE',
  cause: 'the role lacks a right',
  suggestions: [
    'Print every grant that steep needs: steep doctor --grants',
    'Print those of a role that only reads: steep doctor --grants --for plan (or drift) --role ROLE',
  ],
};

const lockTimeout: FailureKind = {
  code: 'LOCK_TIMEOUT',
  cause: 'another session held the lock for too long',
  suggestions: [
    'To see who blocks: SELECT pid, pg_blocking_pids(pid), state, query FROM pg_stat_activity',
    'Try again at a quieter time, or wait longer: --lock-timeout 10s --lock-retries 10',
  ],
};

const cancelled: FailureKind = {
  code: 'STATEMENT_CANCELLED',
  cause: 'the statement was cancelled',
  suggestions: ['Run the same command again: completed steps are not repeated.'],
};

const connectionLost: FailureKind = {
  code: 'CONNECTION_LOST',
  cause: 'the connection was lost',
  suggestions: [
    'Check the server and its log, then run the same command again: it continues where it stopped.',
  ],
};

const sourceUnreachable: FailureKind = {
  code: 'UNREACHABLE',
  cause: 'the server itself cannot connect to the publisher',
  suggestions: [
    'Check replication_connection of the source node in steep.yaml (host, port, user, password): the server of the subscriber uses it.',
    'Check pg_hba.conf and listen_addresses of the publisher, and firewalls between the two servers.',
  ],
};

const sourceRefused: FailureKind = {
  code: 'AUTHENTICATION_FAILED',
  cause: 'the publisher refused the user of the subscription',
  suggestions: [
    'Check user and password of replication_connection of the source node in steep.yaml: the server of the subscriber uses them.',
    'Check the role on the publisher: it has LOGIN, this password, and rolvaliduntil of pg_roles is not over.',
  ],
};

const sourceNotAllowed: FailureKind = {
  ...sourceRefused,
  suggestions: [
    'Add a line for this user, database and address to pg_hba.conf of the publisher, then on the publisher: SELECT pg_catalog.pg_reload_conf()',
  ],
};

const tooManyConnections: FailureKind = {
  code: 'TOO_MANY_CONNECTIONS',
  cause: 'the server has no connection left',
  suggestions: [
    'To see who uses them: SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2',
    'Raise max_connections, or max_wal_senders for replication, and restart the server.',
  ],
};

const diskFull: FailureKind = {
  code: 'DISK_FULL',
  cause: 'the disk of the server is full',
  suggestions: [
    'Free disk space. To see which slots keep WAL: SELECT slot_name, active, restart_lsn FROM pg_replication_slots',
  ],
};

const slotActive: FailureKind = {
  code: 'SLOT_ACTIVE',
  cause: 'it is in use by another session',
  suggestions: [
    'To see who uses the slot: SELECT slot_name, active_pid FROM pg_replication_slots',
    'Disable the subscription that reads it: ALTER SUBSCRIPTION name DISABLE',
  ],
};

const configurationLimit: FailureKind = {
  code: 'CONFIGURATION_LIMIT',
  cause: 'a limit of the configuration is reached',
  suggestions: ['To see the usage of each limit: steep doctor'],
};

const alreadyExists: FailureKind = {
  code: 'ALREADY_EXISTS',
  cause: 'the name is taken',
  suggestions: ['Plan again, so that the plan includes the existing object: steep plan'],
};

const publicationsConflict: FailureKind = {
  code: 'PUBLICATIONS_CONFLICT',
  cause: 'one table is published with different definitions',
  suggestions: [
    'Give the table that the message names the same columns in all publications of the subscription, or list it in one of them only.',
    'Inside one publication, a table with a row filter or a column list includes the tables that inherit from it; list those tables without a filter or list, or not at all.',
  ],
};

const pooler: FailureKind = {
  code: 'POOLER',
  cause: 'a connection pooler answers instead of the server',
  suggestions: [
    'Give the address of the server itself: steep needs sessions, which a pooler does not provide.',
  ],
};

export const serverError: FailureKind = {
  code: 'SERVER_ERROR',
  cause: 'the server reports',
  suggestions: [],
};

const internalError: FailureKind = {
  code: 'INTERNAL_ERROR',
  cause: 'something steep did not expect',
  suggestions: ['Please report this, with the output of the same command and --log-file steep.log'],
};

/** By whole SQLSTATE, or by its class of two characters. */
const bySqlState: Readonly<Record<string, FailureKind>> = {
  '08': connectionLost,
  '28': authentication,
  '3D000': databaseMissing,
  '42501': privilege,
  '42710': alreadyExists,
  '42P06': alreadyExists,
  '42P07': alreadyExists,
  '53100': diskFull,
  '53300': tooManyConnections,
  '53400': configurationLimit,
  '55006': slotActive,
  '55P03': lockTimeout,
  '57014': cancelled,
  '57P01': connectionLost,
  '57P02': connectionLost,
  '57P03': unreachable,
  '57P04': databaseMissing,
  '57P05': connectionLost,
};

/** PgBouncer refuses settings in the startup packet that it does not track. */
const poolerText = /unsupported startup parameter/;

/** Statements such as CREATE SUBSCRIPTION connect from server to server; our own session is well. */
const sourceText = /could not connect to the publisher/;

/** Why the publisher did not let it in: what a server of another language says is not told apart. */
const sourceKind = (message: string): FailureKind => {
  if (/pg_hba\.conf/.test(message)) return sourceNotAllowed;
  const isRefused =
    /authentication failed|no password supplied|role ".*" (does not exist|is not permitted)/;
  return isRefused.test(message) ? sourceRefused : sourceUnreachable;
};

/** Of publications of one subscription (0A000), and of tables of one publication (42710). */
const conflictText =
  /cannot use different (column lists|values of publish_generated_columns)|conflicting or redundant (WHERE clauses|column lists)/;

export const kindOfSqlState = (sqlState: string, message: string): FailureKind => {
  if (sqlState.startsWith('08') && poolerText.test(message)) return pooler;
  if (sqlState.startsWith('08') && sourceText.test(message)) return sourceKind(message);
  if (['0A000', '42710'].includes(sqlState) && conflictText.test(message))
    return publicationsConflict;
  return bySqlState[sqlState] ?? bySqlState[sqlState.slice(0, 2)] ?? serverError;
};

const byNetworkCode: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOENT: unreachable,
  ECONNRESET: connectionLost,
  EPIPE: connectionLost,
};

/** pg and Node tell these by text alone. */
const byText: readonly (readonly [RegExp, FailureKind])[] = [
  [/^timeout expired/, unreachable],
  [/^SASL|password must be/, authentication],
  [/SSL connection|certificate|altnames/i, tls],
  [/^Connection terminated|not queryable/, connectionLost],
];

export const kindOfNetworkError = (code: string | null, message: string): FailureKind =>
  byNetworkCode[code ?? ''] ??
  byText.find(([pattern]) => pattern.test(message))?.[1] ??
  internalError;
