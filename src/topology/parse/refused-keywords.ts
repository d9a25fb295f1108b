// What a connection string could do besides connecting, and what is therefore refused. A subscription has the server of the
// subscriber connect, as the user that owns its files. After the manual of PostgreSQL 14 to 18, 34.1.2, and libpq's source.
// All other keywords only say where and how to connect, or what must hold first; files that they name are read, not shown.

import { type Keywords, sslModes } from '../../model/connection/conninfo-text.ts';

interface Refusal {
  readonly when: (keywords: Keywords) => boolean;
  /** A sentence, which holds no value. */
  readonly why: string;
}

const isSet = (keyword: string) => (keywords: Keywords) => keywords[keyword] !== undefined;

const refusals: readonly Refusal[] = [
  {
    when: ({ sslmode }) => sslmode !== undefined && !sslModes.some((mode) => mode === sslmode),
    why: `\`sslmode\` must be one of ${sslModes.join(', ')}.`,
  },
  {
    when: isSet('sslkeylogfile'),
    why: '`sslkeylogfile` makes libpq write the secrets of the TLS connection to a file of the machine that connects: leave it out.',
  },
  {
    // OpenSSL takes the part before the colon as the name of an engine, and loads it as a library.
    when: ({ sslkey }) => sslkey?.includes(':') === true,
    why: '`sslkey` with a colon names an OpenSSL engine, which libpq loads as a library: give the path of a file without a colon.',
  },
  {
    when: ({ gssdelegation }) => gssdelegation !== undefined && gssdelegation !== '0',
    why: '`gssdelegation` hands the Kerberos credentials of the machine that connects to the other server: leave it out.',
  },
  {
    when: (keywords) => Object.keys(keywords).some((keyword) => keyword.startsWith('oauth_')),
    why: 'Keywords that begin with `oauth_` make libpq ask another server for a token and wait for a person to log in, which no subscription can: use another method.',
  },
  {
    // Keywords of the string win over those of the service, so that a password of the service goes elsewhere.
    when: ({ service, host, hostaddr, port }) =>
      service !== undefined && (host ?? hostaddr ?? port) !== undefined,
    why: '`service` together with `host`, `hostaddr` or `port` would send the password of the service to another server: give one or the other.',
  },
  {
    // libpq looks up the password file by host, and connects to hostaddr.
    when: ({ host, hostaddr, password, sslmode }) =>
      host !== undefined &&
      hostaddr !== undefined &&
      password === undefined &&
      sslmode !== 'verify-full',
    why: '`hostaddr` together with `host` would send the password that a password file has for `host` to another server: leave one out, or give `sslmode: verify-full`.',
  },
];

/** Why a connection string is refused; null: it is not. */
export const keywordRefusal = (keywords: Keywords): string | null =>
  refusals.find(({ when }) => when(keywords))?.why ?? null;
