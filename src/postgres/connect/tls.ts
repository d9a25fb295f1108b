// libpq's sslmode and its companions as the TLS settings of Node (manual 34.19). Knows no server.

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { getCACertificates } from 'node:tls';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { sslModes } from '../../model/connection/conninfo-text.ts';
import { SteepError } from '../../model/errors.ts';
import { shellWord } from '../../model/shell-word.ts';
import { isPrivate, readKeyFile } from './private-file.ts';

/** One way to connect: TLS settings, or false for a plain connection. */
export type TlsAttempt = ConnectionOptions | false;

/** Whether the server must prove who it is before anything secret is sent. */
export const isVerified = (attempt: TlsAttempt): boolean =>
  attempt !== false && attempt.rejectUnauthorized === true;

type Mode = (typeof sslModes)[number];

/**
 * The ways to connect, in the order to try them: `prefer`, libpq's default, is TLS first, then plain.
 * @param conninfo with what the environment adds.
 * @throws SteepError CONNECTION_OPTION for an unknown value, a combination that libpq refuses, or a file that cannot be
 * read or that others can read.
 */
export const tlsAttempts = async (conninfo: Conninfo): Promise<readonly TlsAttempt[]> => {
  const mode = modeOf(conninfo);
  if (mode === 'disable' || conninfo.get('host')?.startsWith('/')) return [false];
  const files = { ...(await certificates(conninfo, mode)), ...versions(conninfo) };
  const unverified = { ...files, rejectUnauthorized: false };
  const chainOnly = { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  switch (mode) {
    case 'allow':
      return [false, unverified];
    case 'prefer':
      return [unverified, false];
    case 'require':
      // As libpq: a root certificate that is there is used.
      return [files.ca === undefined ? unverified : chainOnly];
    case 'verify-ca':
      return [chainOnly];
    case 'verify-full':
      return [{ ...files, rejectUnauthorized: true }];
  }
};

function modeOf(conninfo: Conninfo): Mode {
  const system = conninfo.get('sslrootcert') === 'system';
  const text = conninfo.get('sslmode') ?? (system ? 'verify-full' : 'prefer');
  const mode = sslModes.find((known) => known === text);
  if (mode === undefined)
    throw refused(`sslmode=${text} is unknown.`, `Use ${sslModes.join(', ')}.`);
  if (!system || mode === 'verify-full') return mode;
  throw refused(
    `sslmode=${mode} is too weak for sslrootcert=system: any server with a public certificate would be accepted.`,
    'Use sslmode=verify-full, which checks the name of the host too.',
  );
}

type Files = Pick<ConnectionOptions, 'ca' | 'cert' | 'crl' | 'key'>;

async function certificates(conninfo: Conninfo, mode: Mode): Promise<Files> {
  const ca = await rootOf(conninfo, mode);
  const crl = ca === null ? null : await contentOf('sslcrl', conninfo.get('sslcrl'), 'root.crl');
  const cert = await contentOf('sslcert', conninfo.get('sslcert'), 'postgresql.crt');
  const key =
    cert === null ? null : await contentOf('sslkey', conninfo.get('sslkey'), 'postgresql.key');
  return {
    ...(ca === null ? {} : { ca }),
    ...(crl === null ? {} : { crl }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}

/** Null: nothing to check the server's certificate against. */
async function rootOf(conninfo: Conninfo, mode: Mode): Promise<string | string[] | null> {
  const root = conninfo.get('sslrootcert');
  if (root === 'system') return getCACertificates('system');
  const text = await contentOf('sslrootcert', root, 'root.crt');
  if (text === null && mode.startsWith('verify')) {
    throw refused(
      `sslmode=${mode} needs a root certificate, and there is none.`,
      `Name its file: sslrootcert=/path/to/root.crt, or put it at ${ofUser('root.crt')}.`,
      'For a server with a public certificate: sslrootcert=system, with sslmode=verify-full.',
    );
  }
  return text;
}

const ofUser = (name: string): string => join(homedir(), '.postgresql', name);

/** Of the file of the keyword, which must be there, or of libpq's default one, which need not be. */
async function contentOf(
  keyword: 'sslrootcert' | 'sslcrl' | 'sslcert' | 'sslkey',
  path: string | undefined,
  usual: string,
): Promise<string | null> {
  const file = path ?? ofUser(usual);
  let text: string;
  try {
    text = await readKeyFile(file);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (path === undefined && missing) return null;
    throw new SteepError('CONNECTION_OPTION', `The file of ${keyword}, ${file}, cannot be read.`, {
      cause,
    });
  }
  if (keyword === 'sslkey') await assertPrivate(file);
  return text;
}

async function assertPrivate(file: string): Promise<void> {
  if (await isPrivate(file)) return;
  throw refused(
    `The file of sslkey, ${file}, can be read by other users.`,
    `chmod 600 ${shellWord(file)}`,
  );
}

/** TLS 1.2 or later, as libpq's default is. */
function versions(conninfo: Conninfo): Pick<ConnectionOptions, 'minVersion' | 'maxVersion'> {
  const newest = conninfo.get('ssl_max_protocol_version');
  return {
    minVersion: versionOf(conninfo.get('ssl_min_protocol_version') ?? 'TLSv1.2'),
    ...(newest === undefined ? {} : { maxVersion: versionOf(newest) }),
  };
}

const known: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

function versionOf(text: string): SecureVersion {
  const version = known.find((name) => name.toLowerCase() === text.toLowerCase());
  if (version !== undefined) return version;
  throw refused(`The TLS version ${text} is unknown.`, `Use ${known.join(', ')}.`);
}

const refused = (message: string, ...suggestions: readonly string[]): SteepError =>
  new SteepError('CONNECTION_OPTION', message, { suggestions });
