// Logging in to a server that may not be who it seems: at least as strict as libpq with the same string.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Ask,
  certificate,
  type FakePostgres,
  startFakePostgres,
} from '../../../support/fakes/fake-postgres.ts';
import { connectionTo, logInTo, password } from '../../../support/servers/log-in.ts';

let home = '';

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'steep-home-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const textOf = (server: FakePostgres, keywords: string): string =>
  connectionTo(server, `password=${password} ${keywords}`);

const logIn = (
  server: FakePostgres,
  keywords: string,
  environment: Readonly<Record<string, string>> = {},
) => logInTo(server, `password=${password} ${keywords}`, { HOME: home, ...environment });

interface Case {
  readonly keywords: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly asks: readonly Ask[];
  readonly tls?: boolean;
  /** Null: it is let in. */
  readonly refused: string | null;
  /** The major of the first libpq that knows the keywords. */
  readonly libpq?: number;
  /** steep refuses where libpq does not. */
  readonly stricter?: boolean;
}

const root = `sslrootcert=${certificate('root.crt')}`;
const refused = 'AUTHENTICATION_REFUSED';
const option = 'CONNECTION_OPTION';

const cases: readonly Case[] = [
  // The password in clear.
  { keywords: '', asks: ['cleartext', 'ok'], refused, stricter: true },
  { keywords: 'sslmode=require', asks: ['cleartext', 'ok'], tls: true, refused, stricter: true },
  { keywords: 'require_auth=password', asks: ['cleartext', 'ok'], refused: null, libpq: 16 },
  { keywords: `sslmode=verify-full ${root}`, asks: ['cleartext', 'ok'], tls: true, refused: null },
  { keywords: `sslmode=verify-ca ${root}`, asks: ['cleartext', 'ok'], tls: true, refused: null },
  // In clear after a method that is allowed: libpq sends it.
  { keywords: '', asks: ['md5', 'cleartext', 'ok'], refused, stricter: true },
  // require_auth.
  { keywords: 'require_auth=scram-sha-256', asks: ['md5', 'ok'], refused, libpq: 16 },
  { keywords: 'require_auth=!md5', asks: ['md5', 'ok'], refused, libpq: 16 },
  { keywords: 'require_auth=md5', asks: ['md5', 'ok'], refused: null, libpq: 16 },
  { keywords: 'require_auth=md5,scram-sha-256', asks: ['md5', 'ok'], refused: null, libpq: 16 },
  { keywords: 'require_auth=scram-sha-256', asks: ['ok'], refused, libpq: 16 },
  { keywords: 'require_auth=!none', asks: ['ok'], refused, libpq: 16 },
  { keywords: 'require_auth=none', asks: ['ok'], refused: null, libpq: 16 },
  { keywords: 'require_auth=nonsense', asks: ['ok'], refused: option, libpq: 16 },
  { keywords: 'require_auth=md5,!none', asks: ['ok'], refused: option, libpq: 16 },
  {
    keywords: '',
    environment: { PGREQUIREAUTH: 'scram-sha-256' },
    asks: ['md5', 'ok'],
    refused,
    libpq: 16,
  },
  // A login that ends before the server has proven that it knows the password.
  { keywords: '', asks: ['sasl', 'ok'], refused, stricter: true },
  { keywords: 'require_auth=scram-sha-256', asks: ['sasl', 'ok'], refused, libpq: 16 },
  // channel_binding.
  { keywords: 'channel_binding=require', asks: ['ok'], refused },
  { keywords: 'channel_binding=require', asks: ['md5', 'ok'], refused },
  { keywords: 'channel_binding=require sslmode=require', asks: ['sasl', 'ok'], tls: true, refused },
  { keywords: 'channel_binding=require', asks: ['sasl-plus', 'ok'], refused },
  { keywords: 'channel_binding=perhaps', asks: ['ok'], refused: option },
  { keywords: '', environment: { PGCHANNELBINDING: 'require' }, asks: ['md5', 'ok'], refused },
  { keywords: '', asks: ['md5', 'ok'], refused: null },
  { keywords: '', asks: ['ok'], refused: null },
  // TLS.
  { keywords: 'sslmode=require', asks: ['ok'], refused: 'TLS_FAILED' },
  { keywords: 'sslmode=verify-ca', asks: ['ok'], tls: true, refused: option },
  { keywords: 'sslmode=verify-full', asks: ['ok'], tls: true, refused: option },
  { keywords: `sslmode=verify-full ${root}`, asks: ['ok'], tls: true, refused: null },
  {
    keywords: '',
    environment: { PGSSLMODE: 'verify-full' },
    asks: ['ok'],
    tls: true,
    refused: option,
  },
  {
    keywords: '',
    environment: { PGSSLMODE: 'verify-full', PGSSLROOTCERT: certificate('root.crt') },
    asks: ['ok'],
    tls: true,
    refused: null,
  },
  { keywords: 'sslrootcert=system', asks: ['ok'], tls: true, refused: 'TLS_FAILED', libpq: 16 },
  {
    keywords: 'sslrootcert=system sslmode=require',
    asks: ['ok'],
    tls: true,
    refused: option,
    libpq: 16,
  },
  {
    keywords: `sslmode=verify-ca ${root} ssl_min_protocol_version=TLSv1.9`,
    asks: ['ok'],
    tls: true,
    refused: option,
  },
  { keywords: 'sslmode=sometimes', asks: ['ok'], refused: option },
  // GSSAPI.
  { keywords: 'gssencmode=require', asks: ['ok'], refused: option },
  { keywords: '', environment: { PGGSSENCMODE: 'require' }, asks: ['ok'], refused: option },
];

const nameOf = ({ keywords, environment, asks, tls }: Case): string =>
  `'${keywords}' ${JSON.stringify(environment ?? {})}${tls === true ? ', TLS' : ''}, asked ${asks.join(', ')}`;

describe('a login', () => {
  test.each(cases.map((it) => [nameOf(it), it] as const))('%s', async (_name, it) => {
    await using server = await startFakePostgres(it.asks, { tls: it.tls === true });
    const { code, answers } = await logIn(server, it.keywords, it.environment);
    expect(code).toBe(it.refused);
    if (it.refused !== null) expect(answers.join(' ')).not.toContain(password);
  });
});

const psql = spawnSync('psql', ['--version'], { encoding: 'utf8' });
const psqlMajor = Number(/\) (\d+)/.exec(psql.stdout ?? '')?.[1] ?? 0);

describe.runIf(psqlMajor > 0)('beside psql', () => {
  const comparable = cases.filter(({ libpq = 14 }) => libpq <= psqlMajor);
  test.each(comparable.map((it) => [nameOf(it), it] as const))('%s', async (_name, it) => {
    await using server = await startFakePostgres(it.asks, { tls: it.tls === true });
    const letIn = await psqlIsLetIn(server, it);
    // What libpq refuses, steep does; it refuses more only where the table says so.
    if (!letIn) expect(it.refused).not.toBeNull();
    if (letIn && it.refused !== null) expect(it.stricter).toBe(true);
  });
});

/** psql asks for nothing: once it is let in, it sends its first message and waits. */
const psqlIsLetIn = async (server: FakePostgres, { keywords, environment }: Case) => {
  const { spawn } = await import('node:child_process');
  const child = spawn('psql', ['-X', '-w', '-d', textOf(server, keywords), '-c', 'SELECT 1'], {
    env: { PATH: process.env.PATH, HOME: home, ...environment },
    stdio: 'ignore',
  });
  const ended = new Promise<'ended'>((resolve) => child.on('exit', () => resolve('ended')));
  const asked = (async (): Promise<'asked'> => {
    while (!server.queried()) await new Promise((resolve) => setTimeout(resolve, 20));
    return 'asked';
  })();
  const first = await Promise.race([ended, asked]);
  child.kill('SIGKILL');
  return first === 'asked';
};

describe('the key of a client certificate', () => {
  test('one that others can read is refused', async () => {
    const key = join(home, 'client.key');
    copyFileSync(certificate('server.key'), key);
    chmodSync(key, 0o644);
    await using server = await startFakePostgres(['ok'], { tls: true });
    const keywords = `sslmode=require sslcert=${certificate('server.crt')} sslkey=${key}`;
    expect((await logIn(server, keywords)).code).toBe('CONNECTION_OPTION');
    chmodSync(key, 0o600);
    expect((await logIn(server, keywords)).code).toBeNull();
  });
});
