// From libpq keywords and session options to the configuration of a pg client.
// Everything that a session must be sure of travels in the startup packet, so that no SET is sent.

import type { ClientConfig } from 'pg';
import { types } from 'pg';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { SteepError } from '../../model/errors.ts';
import { valueSettings } from '../../model/script-settings.ts';
import { choosesRole, roleSettings, sessionSettings, settingOptions } from '../pinned-settings.ts';
import { findPassword } from './passfile.ts';
import type { TlsAttempt } from './tls.ts';

export interface StartupOptions {
  readonly applicationName: string;
  readonly readOnly: boolean;
  /** Milliseconds that a statement waits for a lock; 0: no limit. */
  readonly lockTimeoutMs?: number;
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

/**
 * @param conninfo with what the environment adds.
 * @throws SteepError CONNECTION_OPTION for a keyword that pg could not honour.
 */
export const clientConfig = (
  conninfo: Conninfo,
  options: StartupOptions,
  ssl: TlsAttempt,
): SessionClientConfig => {
  assertOptionsSupported(conninfo);
  return {
    ...whereTo(conninfo),
    ssl,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? connectTimeout(conninfo),
    options: startupSettings(conninfo, options),
    enableChannelBinding: ssl !== false && conninfo.get('channel_binding') !== 'disable',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveIdleMs,
    types: { getTypeParser },
    ...(options.replication === null ? {} : { replication: options.replication }),
  };
};

/** Where a connection, with what the environment adds, leads. */
export const whereTo = (conninfo: Conninfo) => {
  const host = conninfo.get('host') ?? 'localhost';
  const port = conninfo.get('port') ?? '5432';
  const user = conninfo.get('user') ?? process.env.USER ?? 'postgres';
  const database = conninfo.get('dbname') ?? user;
  const password = conninfo.get('password');
  const passfile = conninfo.get('passfile');
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

/** A server whose client cannot be reached ends the session, with its locks, within about a minute. */
const keptAlive = {
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
} as const;

const defaultUserTimeoutMs = 60_000;

/** tcp_user_timeout of the connection, in milliseconds: how long either end waits for the other. 0 is the default. */
export const userTimeout = (conninfo: Conninfo): number => {
  const given = Number(conninfo.get('tcp_user_timeout') ?? 0);
  return given > 0 ? given : defaultUserTimeoutMs;
};

/** The user's own `options` come first: a pinned setting wins, but for a role. */
export const startupSettings = (
  conninfo: Conninfo,
  { readOnly, lockTimeoutMs = 0 }: Pick<StartupOptions, 'readOnly' | 'lockTimeoutMs'>,
): string => {
  const own = conninfo.get('options') ?? '';
  const settings = settingOptions({
    ...valueSettings,
    ...sessionSettings,
    ...(choosesRole(own) ? {} : roleSettings),
    ...keptAlive,
    tcp_user_timeout: `${userTimeout(conninfo)}`,
    ...(lockTimeoutMs > 0 ? { lock_timeout: `${lockTimeoutMs}` } : {}),
    default_transaction_read_only: readOnly ? 'on' : 'off',
  });
  return [own, ...settings].join(' ').trim();
};

/** libpq's connect_timeout: seconds; 0 or negative waits indefinitely, below 2 is 2. */
function connectTimeout(conninfo: Conninfo): number {
  const seconds = Number(conninfo.get('connect_timeout') ?? Number.NaN);
  if (Number.isNaN(seconds)) return defaultConnectTimeoutMs;
  return seconds <= 0 ? 0 : Math.max(seconds, 2) * 1000;
}

const supported = new Set(
  (
    'host port user dbname password passfile options connect_timeout channel_binding ' +
    'require_auth sslmode sslrootcert sslcert sslkey sslcrl sslsni ' +
    'ssl_min_protocol_version ssl_max_protocol_version'
  ).split(' '),
);

/** Keywords that another layer sets, or without which the connection is no less safe. */
const ignored = new Set(
  (
    'application_name fallback_application_name client_encoding replication tcp_user_timeout ' +
    'keepalives keepalives_idle keepalives_interval keepalives_count gssencmode sslcompression ' +
    'sslnegotiation'
  ).split(' '),
);

/** @throws SteepError CONNECTION_OPTION for a keyword, or a value of one, that cannot be honoured. */
export const assertOptionsSupported = (conninfo: Conninfo): void => {
  const unknown = conninfo.names.find((name) => !supported.has(name) && !ignored.has(name));
  if (unknown !== undefined) {
    throw new SteepError('CONNECTION_OPTION', `steep cannot connect with the keyword ${unknown}.`, {
      suggestions: [
        'Give host, port, dbname and user in the connection, and the password in a passfile.',
      ],
    });
  }
  if (conninfo.get('gssencmode') === 'require') {
    throw new SteepError(
      'CONNECTION_OPTION',
      'steep cannot encrypt with GSSAPI (gssencmode=require).',
      {
        suggestions: ['Encrypt with TLS instead: sslmode=verify-full'],
      },
    );
  }
  if ((conninfo.get('sslnegotiation') ?? 'postgres') !== 'postgres') {
    throw new SteepError('CONNECTION_OPTION', 'steep cannot connect with sslnegotiation=direct.', {
      suggestions: ['Leave sslnegotiation out: TLS is negotiated before anything else is sent.'],
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
