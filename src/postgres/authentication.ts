// Which ways to log in steep goes along with, at least as strict as libpq's require_auth and channel_binding (manual
// 34.1.2). A server that is not who it seems to be could ask for the password in clear: it gets none unless TLS has
// proven the server, or require_auth names that way.

import type { Connection } from 'pg';
import type { Conninfo } from '../model/conninfo.ts';
import { SteepError } from '../model/errors.ts';
import { isVerified, type TlsAttempt } from './tls.ts';

const methods = ['none', 'password', 'md5', 'scram-sha-256', 'gss', 'sspi', 'oauth'] as const;
type Method = (typeof methods)[number];

export interface AuthenticationPolicy {
  readonly allows: (method: Method) => boolean;
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
    throw refused(`channel_binding=${binding} is unknown.`, 'Use disable, prefer or require.');
  }
  return {
    allows: (method) => allowed.has(method),
    bound: binding === 'require',
    encrypted: tls !== false,
  };
};

const withoutCleartext = (tls: TlsAttempt): ReadonlySet<Method> =>
  new Set(methods.filter((method) => method !== 'password' || isVerified(tls)));

/** Methods, or methods with a `!` before each: all but these. */
function readRequired(text: string): ReadonlySet<Method> {
  const entries = text.split(',').map((entry) => entry.trim());
  const negated = entries.filter((entry) => entry.startsWith('!'));
  const named = entries.map((entry) =>
    methods.find((method) => method === entry.replace(/^!/, '')),
  );
  const unclear = negated.length > 0 && negated.length < entries.length;
  const twice = new Set(entries).size < entries.length;
  if (unclear || twice || named.includes(undefined)) {
    throw refused(
      `require_auth=${text} cannot be read.`,
      `Name one or more of ${methods.join(', ')}, separated by commas, or exclude some with a ! before each.`,
    );
  }
  return new Set(methods.filter((method) => named.includes(method) !== negated.length > 0));
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
    if (!policy.allows(method)) end(unwanted[method] ?? unwantedByUser(method), cureOf(method));
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

const unwanted: Partial<Record<Method, string>> = {
  password:
    'The server asks for the password in clear, over a connection on which it has not proven who it is.',
};

const unwantedByUser = (method: Method): string =>
  method === 'none'
    ? 'The server lets the role in without asking for anything, which require_auth does not allow.'
    : `The server asks for the authentication method ${method}, which require_auth does not allow.`;

const cureOf = (method: Method): string =>
  method === 'password'
    ? 'Verify the server (sslmode=verify-full with sslrootcert), use scram-sha-256 in its pg_hba.conf, or allow this method by name: require_auth=password'
    : 'Change require_auth of the connection, or the method in pg_hba.conf of the server.';

const unbound =
  'Channel binding is required, and the server does not offer SCRAM bound to this TLS connection.';
const cureUnbound =
  'Use TLS and scram-sha-256 on the server, or channel_binding=prefer with sslmode=verify-full.';
const unproven = 'The server ended the login before it had proven that it knows the password.';
const cureUnproven = 'Check that the connection leads to your server, and to no other.';
