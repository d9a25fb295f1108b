// What libpq takes from the environment where the connection string is silent (manual 34.15). One table, so that steep
// is never less strict than psql in the same shell. PGSERVICE and PGHOSTADDR are not read, as their keywords are refused.

import { channel } from 'node:diagnostics_channel';
import { devNull } from 'node:os';
import { readMethods } from '../../model/connection/authentication-methods.ts';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { SteepError } from '../../model/errors.ts';
import { readAllowEntries, toAllowList } from '../../model/plan/allow-list.ts';
import { warningChannel } from '../../model/plan/warnings.ts';

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

/**
 * The connection with all that the environment adds; what the string itself says wins. With an allow list
 * (STEEP_ALLOW_ENV, where --allow-env is put too), the author of the string is not trusted with what the environment
 * holds: see asPipeline().
 * @throws SteepError AUTHENTICATION_REFUSED where nothing that the string allows is allowed by the pipeline.
 */
export const withEnvironment = (conninfo: Conninfo, environment: Environment): Conninfo => {
  const entries = readAllowEntries(environment);
  if (entries.length === 0) return merged(conninfo, environment);
  const listed = toAllowList(entries).names;
  const withheld = ['PGPASSWORD', 'PGPASSFILE'].filter((name) => !listed.has(name));
  tellUnused(conninfo, environment, withheld);
  const rest = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !withheld.includes(name)),
  );
  return asPipeline(merged(conninfo, rest), environment, withheld);
};

const merged = (conninfo: Conninfo, environment: Environment): Conninfo => {
  const own = new Set(conninfo.names);
  const added = Object.entries(variables).flatMap(([keyword, variable]) => {
    const value = environment[variable] ?? '';
    return own.has(keyword) || value === '' ? [] : [[keyword, value] as const];
  });
  return conninfo.with(Object.fromEntries(added));
};

/**
 * Anyone who wrote the string chose the server, too, so that a verified server is no proof. A password goes out in
 * clear only if PGREQUIREAUTH says so, and a password file is read only if PGPASSFILE is listed.
 */
const asPipeline = (
  conninfo: Conninfo,
  environment: Environment,
  withheld: readonly string[],
): Conninfo => {
  const binding = environment.PGCHANNELBINDING === 'require' ? { channel_binding: 'require' } : {};
  const passfile = withheld.includes('PGPASSFILE') ? { passfile: noFile } : {};
  const auth = requiredByBoth(conninfo.get('require_auth'), environment.PGREQUIREAUTH ?? '');
  return conninfo.with({ require_auth: auth, ...binding, ...passfile });
};

const tellUnused = (
  conninfo: Conninfo,
  environment: Environment,
  withheld: readonly string[],
): void => {
  if (conninfo.hasPassword) return;
  const isFileNamed = conninfo.get('passfile') !== undefined;
  for (const name of withheld) {
    if ((environment[name] ?? '') === '' && !(name === 'PGPASSFILE' && isFileNamed)) continue;
    const what = name === 'PGPASSWORD' ? name : 'The password file';
    warnings.publish(
      `${what} is not used for a connection without a password: --allow-env or STEEP_ALLOW_ENV is set, and does not list ${name}.`,
    );
  }
};

const warnings = channel(warningChannel);

/** Not an ordinary file, so that there is no password in it; ~/.pgpass is not looked for either. */
const noFile = devNull;

const requiredByBoth = (own: string | undefined, pipeline: string): string => {
  const most = pipeline === '' ? '!password' : pipeline;
  if (own === undefined) return most;
  const [allowed, wanted] = [readMethods(most), readMethods(own)];
  // What cannot be read is refused when the connection is made.
  if (allowed === null) return most;
  if (wanted === null) return own;
  const both = [...wanted].filter((method) => allowed.has(method));
  if (both.length > 0) return both.join(',');
  throw new SteepError(
    'AUTHENTICATION_REFUSED',
    `require_auth=${own} of the connection is not allowed: --allow-env or STEEP_ALLOW_ENV is set, so only the pipeline can allow a password in clear text.`,
    { suggestions: [`Set PGREQUIREAUTH=${own} in the environment of the pipeline.`] },
  );
};
