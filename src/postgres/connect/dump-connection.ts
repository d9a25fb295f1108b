// A connection as pg_dump is told of it: the same server, role and session settings as steep's own, and the password
// where it is not visible.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import { assertOptionsSupported, startupSettings, whereTo } from './client-config.ts';
import { type Environment, withEnvironment } from './libpq-environment.ts';

export type { Environment } from './libpq-environment.ts';

export interface DumpConnection {
  /** For the command line, which every user of the machine may read. */
  readonly conninfo: string;
  readonly environment: Environment;
}

/** Secret, of another layer, or not meant for it. */
const leftOut = new Set(
  'password passfile replication client_encoding fallback_application_name sslcompression'.split(
    ' ',
  ),
);

/** What libpq's environment adds is in the text; nothing else of it counts, since it might lead to another server. */
export const dumpConnection = async (
  conninfo: Conninfo,
  applicationName: string,
  environment: Environment,
): Promise<DumpConnection> => {
  const full = withEnvironment(conninfo, environment);
  assertOptionsSupported(full);
  const { host, port, user, database, password } = whereTo(full);
  const secret = await password().catch(() => '');
  const auth = full.get('require_auth');
  // libpq before 16 refuses the keyword; it is in the text only where the connection itself has it.
  const added = conninfo.names.includes('require_auth') ? [] : ['require_auth'];
  return {
    conninfo: full.without(new Set([...leftOut, ...added])).with({
      gssencmode: 'disable',
      host,
      port: String(port),
      user,
      dbname: database,
      application_name: applicationName,
      options: startupSettings(full, { readOnly: true }),
    }).text,
    environment: {
      ...withoutLibpq(environment),
      // Debian's wrapper chooses among its versions by these.
      PGHOST: host,
      PGPORT: String(port),
      ...(auth === undefined ? {} : { PGREQUIREAUTH: auth }),
      ...(secret === '' ? {} : { PGPASSWORD: secret }),
      LC_ALL: 'C',
    },
  };
};

export const withoutLibpq = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^PG[A-Z]/.test(name)));
