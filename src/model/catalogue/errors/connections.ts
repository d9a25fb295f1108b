// Reaching a server, and losing it again.

import type { ErrorExplanation } from '../explanation.ts';

export const connectionErrors = {
  UNREACHABLE: {
    severity: 'error',
    title: 'The server cannot be reached',
    meaning: 'steep could not connect to the server, so nothing is known about the node.',
    cause:
      'The server is down, the host or port is wrong, or a firewall or listen_addresses blocks the connection.',
    cure: 'Try the same connection with psql, from the same machine.',
    commands: ['pg_isready -h HOST -p PORT', 'steep status'],
  },
  AUTHENTICATION_FAILED: {
    severity: 'error',
    title: 'The server refused the login',
    meaning: 'The server answered and refused the login of the role.',
    cause:
      'The password or certificate is wrong or missing, the role does not exist, or pg_hba.conf has no line for it.',
    cure: 'Correct the credentials in the environment or the passfile, or let an administrator add a line to pg_hba.conf and reload.',
    commands: ['SELECT pg_catalog.pg_reload_conf();'],
  },
  AUTHENTICATION_REFUSED: {
    severity: 'error',
    title: 'The authentication method is not allowed',
    meaning:
      'The server asked for a login that could give the password away, or that require_auth or channel_binding of the connection excludes. Nothing was sent.',
    cause:
      'pg_hba.conf has the method password or trust, TLS does not verify the server, or the connection leads to another server.',
    cure: 'Use scram-sha-256 in pg_hba.conf, or verify the server: sslmode=verify-full with sslrootcert. require_auth=password explicitly allows a password in clear text. With --allow-env or STEEP_ALLOW_ENV, only PGREQUIREAUTH=password in the environment of the pipeline does.',
  },
  PROTOCOL_VIOLATION: {
    severity: 'error',
    title: 'What a server sent cannot be read',
    meaning:
      'A message of the server has an impossible length, breaks off, or is too large: more than 16 MB, or rows of more than 512 MB in one answer; or a value is not what was asked for. Nothing of the message was used.',
    cause:
      'The connection leads to something other than a PostgreSQL server, or to a server that is not yours; or something between changes what passes.',
    cure: 'Check host and port of the connection, and let TLS verify the server: sslmode=verify-full with sslrootcert.',
  },
  DATABASE_MISSING: {
    severity: 'error',
    title: 'The database does not exist',
    meaning: 'The server answered, and has no database of this name.',
    cause: 'The name of the database is wrong, or the connection leads to another server.',
    cure: 'Correct the connection, or create the database.',
    commands: ['CREATE DATABASE NAME;'],
  },
  TLS_FAILED: {
    severity: 'error',
    title: 'No secure connection could be made',
    meaning: 'Client and server could not agree on TLS, or a certificate was not accepted.',
    cause: 'The server has no TLS, or its certificate does not fit sslmode and sslrootcert.',
    cure: 'Correct sslmode or sslrootcert in the connection, or the certificate of the server.',
  },
  CONNECTION_OPTION: {
    severity: 'error',
    title: 'A connection option cannot be used',
    meaning:
      'The connection holds a keyword or a value that steep cannot honour, and steep does not ignore it.',
    cause:
      'The keyword is misspelled, its file cannot be read, or it is one that only libpq knows.',
    cure: 'Give host, port, dbname and user in the connection, and the password in a passfile or a variable.',
  },
  PASSFILE_UNSAFE: {
    severity: 'error',
    title: 'Other users can read the password file',
    meaning: 'libpq ignores a password file that other users can read, and so does steep.',
    cause: 'The file has wider permissions than 0600.',
    cure: 'Remove the permissions of group and others.',
    commands: ['chmod 600 FILE'],
  },
  CONNECTION_LOST: {
    severity: 'error',
    title: 'The connection was lost',
    meaning:
      'The connection to a server ended while steep worked. It may be unknown whether the running statement was carried out.',
    cause: 'The server restarted, an administrator ended the session, or the network failed.',
    cure: 'Run the same command again: steep reads what exists and continues with what is missing.',
    commands: ['steep apply'],
  },
  TOO_MANY_CONNECTIONS: {
    severity: 'error',
    title: 'The server has no free connection',
    meaning: 'The server refused another connection.',
    cause: 'max_connections, or a limit of the role or the database, is reached.',
    cure: 'End sessions that nobody needs, or raise the limit; max_connections needs a restart.',
    commands: [
      'SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2 ORDER BY 3 DESC;',
    ],
  },
  SERVER_TOO_OLD: {
    severity: 'error',
    title: 'The server is too old',
    meaning: 'steep works with PostgreSQL 14 and later.',
    cause: 'The node runs an older major release.',
    cure: 'Upgrade the server, or remove the node from steep.yaml.',
    commands: ['SHOW server_version;'],
  },
  IN_RECOVERY: {
    severity: 'error',
    title: 'The server is a standby',
    meaning:
      'A server in recovery is read-only: neither a publication nor a subscription can be created there.',
    cause: 'The connection leads to a standby, or the primary has moved.',
    cure: 'Connect to the primary. target_session_attrs=read-write lets libpq clients choose it.',
    commands: ['SELECT pg_catalog.pg_is_in_recovery();'],
  },
} satisfies Readonly<Record<string, ErrorExplanation>>;
