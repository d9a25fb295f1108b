// Which ways to log in steep goes along with, at least as strict as libpq's require_auth and channel_binding (manual
// 34.1.2). A server that is not who it seems to be could ask for the password in clear: it gets none unless TLS has
// proven the server, or require_auth names that way.

import type { Connection } from 'pg';
import {
  type AuthenticationMethod as Method,
  authenticationMethods as methods,
  readMethods,
} from '../../model/connection/authentication-methods.ts';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { SteepError } from '../../model/errors.ts';
import { isVerified, type TlsAttempt } from './tls.ts';

export interface AuthenticationPolicy {
  readonly allows: (method: Method) => boolean;
  /** By require_auth; otherwise by what TLS has proven. */
  readonly named: boolean;
  /** Only with a SCRAM exchange that is bound to this TLS connection. */
  readonly bound: boolean;
  /** Without TLS there is nothing to bind to, whatever the server offers. */
  readonly encrypted: boolean;
}

/** @throws SteepError CONNECTION_OPTION for values that libpq refuses too. */
export const authenticationPolicy = (conninfo: Conninfo, tls: TlsAttempt): AuthenticationPolicy => {
  const named = conninfo.get('require_auth');
  const allowed = named === undefined ? withoutCleartext(tls) : readRequired(named);
  const binding = conninfo.get('channel_binding') ?? 'prefer';
  if (!['disable', 'prefer', 'require'].includes(binding)) {
    throw refused(
      `channel_binding=${binding} is not a valid value.`,
      'Use disable, prefer or require.',
    );
  }
  return {
    allows: (method) => allowed.has(method),
    named: named !== undefined,
    bound: binding === 'require',
    encrypted: tls !== false,
  };
};

const withoutCleartext = (tls: TlsAttempt): ReadonlySet<Method> =>
  new Set(methods.filter((method) => method !== 'password' || isVerified(tls)));

function readRequired(text: string): ReadonlySet<Method> {
  const read = readMethods(text);
  if (read !== null) return read;
  throw refused(
    `require_auth=${text} cannot be read.`,
    `Name one or more of ${methods.join(', ')}, separated by commas, or exclude some with a ! before each.`,
  );
}

const boundScram = 'SCRAM-SHA-256-PLUS';

const refused = (message: string, cure: string): SteepError =>
  new SteepError('CONNECTION_OPTION', message, { suggestions: [cure] });

/**
 * Ends the connection when the server asks for, or is content with, what the policy does not allow: before anything is
 * answered. To be called before the client connects, so that it hears of a request first.
 * @returns why the login was refused, null: it was not. To be asked after connecting: what lets the client in may have
 * come together with what ends the connection.
 */
export const guardAuthentication = (
  connection: Connection,
  policy: AuthenticationPolicy,
): (() => SteepError | null) => {
  let asked: Method = 'none';
  let mechanism = '';
  let proven = false;
  let failure: SteepError | null = null;
  const end = (message: string, cure: string): void => {
    failure ??= new SteepError('AUTHENTICATION_REFUSED', message, { suggestions: [cure] });
    connection.stream.destroy(failure);
  };
  const ask = (method: Method): void => {
    asked = method;
    if (!policy.allows(method)) end(...refusalOf(method, policy));
    else if (policy.bound && mechanism !== boundScram) end(unbound, cureUnbound);
  };
  connection.on('authenticationCleartextPassword', () => ask('password'));
  connection.on('authenticationMD5Password', () => ask('md5'));
  connection.on(
    'authenticationSASL',
    ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
      mechanism =
        mechanisms.find((name) => policy.encrypted && name === boundScram) ?? mechanisms[0] ?? '';
      ask('scram-sha-256');
    },
  );
  connection.on('authenticationSASLFinal', () => {
    proven = true;
  });
  connection.on('authenticationOk', () => {
    if (asked === 'none') ask('none');
    else if (asked === 'scram-sha-256' && !proven) end(unproven, cureUnproven);
  });
  return () => failure;
};

const refusalOf = (
  method: Method,
  { named }: AuthenticationPolicy,
): readonly [message: string, cure: string] => {
  if (named) return [unwanted(method), method === 'password' ? cureCleartext : cureOther];
  return [
    'The server asks for the password in clear text, but its identity was not verified.',
    `Verify the server (sslmode=verify-full with sslrootcert), use scram-sha-256 in its pg_hba.conf, or allow this method by name: require_auth=password`,
  ];
};

const unwanted = (method: Method): string =>
  method === 'none'
    ? 'The server accepts the role without authentication, which require_auth does not allow.'
    : `The server asks for the authentication method ${method}, which require_auth does not allow.`;

const cureOther =
  'Change require_auth of the connection, or the method in pg_hba.conf of the server.';
const cureCleartext = `Use scram-sha-256 in pg_hba.conf of the server, or change require_auth of the connection. With --allow-env or STEEP_ALLOW_ENV, only the pipeline can allow a password in clear text: PGREQUIREAUTH=password in its environment.`;

const unbound =
  'Channel binding is required, and the server does not offer SCRAM bound to this TLS connection.';
const cureUnbound =
  'Use TLS and scram-sha-256 on the server, or channel_binding=prefer with sslmode=verify-full.';
const unproven = 'The server ended the login before it had proven that it knows the password.';
const cureUnproven = 'Check that the connection leads to your server.';
