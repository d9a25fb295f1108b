// A connection as pg_dump is told of it: the same server, role and session settings as steep's own, and the
// password where nobody sees it.

import { Conninfo } from '../model/conninfo.ts';
import { assertSupported, startupSettings, whereTo } from './client-config.ts';
import { conninfoKeywords } from './conninfo-text.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

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

/** Nothing else of libpq's in the environment counts: it might lead to another server. */
export const dumpConnection = async (
  conninfo: Conninfo,
  applicationName: string,
  environment: Environment,
): Promise<DumpConnection> => {
  assertSupported(conninfo);
  const { host, port, user, database, password } = whereTo(conninfo);
  const given = Object.entries(conninfoKeywords(conninfo.text) ?? {});
  const secret = await password().catch(() => '');
  const sslmode = conninfo.get('sslmode') ?? environment.PGSSLMODE;
  return {
    conninfo: new Conninfo({
      gssencmode: 'disable',
      ...Object.fromEntries(given.filter(([name]) => !leftOut.has(name))),
      host,
      port: String(port),
      user,
      dbname: database,
      ...(sslmode === undefined ? {} : { sslmode }),
      application_name: applicationName,
      options: startupSettings(conninfo, true),
    }).text,
    environment: {
      ...withoutLibpq(environment),
      // Debian's wrapper chooses among its versions by these.
      PGHOST: host,
      PGPORT: String(port),
      ...(secret === '' ? {} : { PGPASSWORD: secret }),
      LC_ALL: 'C',
    },
  };
};

export const withoutLibpq = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^PG[A-Z]/.test(name)));
