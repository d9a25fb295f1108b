// libpq's sslmode as the TLS settings of Node (manual 34.19). Knows no server.

import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { Conninfo } from '../model/conninfo.ts';
import { SteepError } from '../model/errors.ts';

/** One way to connect: TLS settings, or false for a plain connection. */
export type TlsAttempt = ConnectionOptions | false;

/**
 * The ways to connect, in the order to try them: `prefer`, libpq's default, is TLS first, then plain.
 * @throws SteepError CONNECTION_OPTION for an unknown sslmode, or a certificate file that cannot be read.
 */
export const tlsAttempts = async (conninfo: Conninfo): Promise<readonly TlsAttempt[]> => {
  const mode = conninfo.get('sslmode') ?? process.env.PGSSLMODE ?? 'prefer';
  if (mode === 'disable' || conninfo.get('host')?.startsWith('/')) return [false];
  const files = await certificates(conninfo);
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
    default:
      throw new SteepError('CONNECTION_OPTION', `sslmode=${mode} is unknown.`, {
        suggestions: ['Use disable, allow, prefer, require, verify-ca or verify-full.'],
      });
  }
};

async function certificates(
  conninfo: Conninfo,
): Promise<Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>> {
  const root = conninfo.get('sslrootcert');
  const [ca, cert, key] = await Promise.all([
    // `system` asks for the certificates that Node trusts anyway.
    root === 'system' ? undefined : readKeyword('sslrootcert', root),
    readKeyword('sslcert', conninfo.get('sslcert')),
    readKeyword('sslkey', conninfo.get('sslkey')),
  ]);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

async function readKeyword(keyword: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SteepError('CONNECTION_OPTION', `The file of ${keyword}, ${path}, cannot be read.`, {
      cause,
    });
  }
}
