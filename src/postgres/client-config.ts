// From libpq keywords and session options to the configuration of a pg client.
// Everything that a session must be sure of travels in the startup packet, so that no SET is sent.

import type { ClientConfig } from 'pg';
import { types } from 'pg';
import type { Conninfo } from '../model/conninfo.ts';
import { SteepError } from '../model/errors.ts';
import { conninfoKeywords } from './conninfo-text.ts';
import { findPassword } from './passfile.ts';
import type { TlsAttempt } from './tls.ts';

export interface StartupOptions {
  readonly applicationName: string;
  readonly readOnly: boolean;
  readonly connectTimeoutMs: number | null;
  /** `database`: a walsender session, which also speaks the replication protocol. */
  readonly replication: 'database' | null;
}

/** What @types/pg leaves out: pg passes it to the server. */
export interface SessionClientConfig extends ClientConfig {
  readonly replication?: 'database';
}

const defaultConnectTimeoutMs = 10_000;
const keepAliveIdleMs = 30_000;

/** @throws SteepError CONNECTION_OPTION for a keyword that pg could not honour. */
export const clientConfig = (
  conninfo: Conninfo,
  options: StartupOptions,
  ssl: TlsAttempt,
): SessionClientConfig => {
  assertSupported(conninfo);
  return {
    ...whereTo(conninfo),
    ssl,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? connectTimeout(conninfo),
    options: startupSettings(conninfo, options.readOnly),
    enableChannelBinding: conninfo.get('channel_binding') === 'prefer',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveIdleMs,
    types: { getTypeParser },
    ...(options.replication === null ? {} : { replication: options.replication }),
  };
};

/** Where a connection leads, as libpq finds it: keywords first, then the environment. */
export const whereTo = (conninfo: Conninfo) => {
  const host = conninfo.get('host') ?? process.env.PGHOST ?? 'localhost';
  const port = conninfo.get('port') ?? process.env.PGPORT ?? '5432';
  const user = conninfo.get('user') ?? process.env.PGUSER ?? process.env.USER ?? 'postgres';
  const database = conninfo.get('dbname') ?? process.env.PGDATABASE ?? user;
  const password = conninfo.get('password') ?? process.env.PGPASSWORD;
  const passfile = conninfo.get('passfile') ?? process.env.PGPASSFILE;
  const target = { host, port, dbname: database, user };
  return {
    host,
    port: Number(port),
    user,
    database,
    // Asked for only when the server wants a password. Empty fails as a wrong one does.
    password: async (): Promise<string> => password ?? (await findPassword(passfile, target)) ?? '',
  };
};

/** Pinned: what names and texts mean must not depend on the role's or the database's settings. */
const pinned = {
  search_path: '',
  client_min_messages: 'warning',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  TimeZone: 'UTC',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  lc_monetary: 'C',
  // The catalogs of 10,000 tables are sorted and hashed in memory, and compiling that takes longer than doing it.
  work_mem: '64MB',
  jit: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
} as const;

/** The user's own `options` come first: a pinned setting wins. */
export const startupSettings = (conninfo: Conninfo, readOnly: boolean): string => {
  const settings = Object.entries({
    ...pinned,
    default_transaction_read_only: readOnly ? 'on' : 'off',
  }).map(([name, value]) => `-c ${name}=${value}`);
  return [conninfo.get('options') ?? '', ...settings].join(' ').trim();
};

/** libpq's connect_timeout: seconds; 0 or negative waits for ever, below 2 is 2. */
function connectTimeout(conninfo: Conninfo): number {
  const seconds = Number(conninfo.get('connect_timeout') ?? Number.NaN);
  if (Number.isNaN(seconds)) return defaultConnectTimeoutMs;
  return seconds <= 0 ? 0 : Math.max(seconds, 2) * 1000;
}

const supported = new Set(
  (
    'host port user dbname password passfile options connect_timeout channel_binding ' +
    'sslmode sslrootcert sslcert sslkey sslsni'
  ).split(' '),
);

/** Keywords that another layer sets, or without which the connection is no less safe. */
const ignored = new Set(
  (
    'application_name fallback_application_name client_encoding replication tcp_user_timeout ' +
    'keepalives keepalives_idle keepalives_interval keepalives_count gssencmode sslcompression'
  ).split(' '),
);

export const assertSupported = (conninfo: Conninfo): void => {
  const keywords = Object.entries(conninfoKeywords(conninfo.text) ?? {});
  const unknown = keywords.find(([name]) => !supported.has(name) && !ignored.has(name))?.[0];
  if (unknown !== undefined) {
    throw new SteepError('CONNECTION_OPTION', `steep cannot connect with the keyword ${unknown}.`, {
      suggestions: [
        'Give host, port, dbname and user in the connection, and the password in a passfile.',
      ],
    });
  }
  if (conninfo.get('channel_binding') === 'require') {
    throw new SteepError('CONNECTION_OPTION', 'steep cannot insist on channel binding.', {
      suggestions: ['Verify the server instead: sslmode=verify-full'],
    });
  }
  if (conninfo.get('host')?.includes(',')) {
    throw new SteepError('CONNECTION_OPTION', 'A node is one server: give one host.');
  }
};

/** int8 as a number while it is exact, else as text; dates and times as the text that the server sent. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [types.builtins.INT8]: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
  [types.builtins.DATE]: (text) => text,
  [types.builtins.TIMESTAMP]: (text) => text,
  [types.builtins.TIMESTAMPTZ]: (text) => text,
  [types.builtins.INTERVAL]: (text) => text,
};

const getTypeParser: typeof types.getTypeParser = (
  oid: Parameters<typeof types.getTypeParser>[0],
  format?: 'text' | 'binary',
) => parsers[oid] ?? types.getTypeParser(oid, format ?? 'text');
