// What libpq takes from the environment where the connection string is silent (manual 34.15). One table, so that steep
// is never less strict than psql in the same shell. PGSERVICE and PGHOSTADDR are not read, as their keywords are refused.

import type { Conninfo } from '../model/conninfo.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const variables: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  require_auth: 'PGREQUIREAUTH',
  channel_binding: 'PGCHANNELBINDING',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  gssencmode: 'PGGSSENCMODE',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslcertmode: 'PGSSLCERTMODE',
  sslcrl: 'PGSSLCRL',
  sslcrldir: 'PGSSLCRLDIR',
  sslsni: 'PGSSLSNI',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
};

/** The connection with all that the environment adds; what the string itself says wins. */
export const withEnvironment = (conninfo: Conninfo, environment: Environment): Conninfo => {
  const own = new Set(conninfo.names);
  const added = Object.entries(variables).flatMap(([keyword, variable]) => {
    const value = environment[variable] ?? '';
    return own.has(keyword) || value === '' ? [] : [[keyword, value] as const];
  });
  return conninfo.with(Object.fromEntries(added));
};
