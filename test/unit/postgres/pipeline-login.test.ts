// Logging in where a list of allowed variables makes the run one of a pipeline: the one who wrote the connection may be
// its attacker.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { withEnvironment } from '../../../src/postgres/connect/libpq-environment.ts';
import { certificate, startFakePostgres } from '../../support/fakes/fake-postgres.ts';
import { logInTo, password } from '../../support/servers/log-in.ts';

const root = `sslrootcert=${certificate('root.crt')}`;
const refused = 'AUTHENTICATION_REFUSED';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'steep-home-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The server is chosen by the one who wrote the connection: what it proves counts for nothing. */
describe('with a list of allowed variables', () => {
  const listed = { STEEP_ALLOW_ENV: 'PRIMARY_URL, OTHER' };
  const inClear = { ...listed, PGREQUIREAUTH: 'password' };
  const verified = `sslmode=verify-full ${root}`;

  test.each([
    ['require_auth=password', listed, false, refused],
    ['require_auth=!md5', listed, false, refused],
    [verified, listed, true, refused],
    [`${verified} require_auth=password`, listed, true, refused],
    ['require_auth=scram-sha-256', inClear, false, refused],
    ['require_auth=password', inClear, false, null],
    ['', inClear, false, null],
  ])('%s %j: a password in clear', async (keywords, environment, tls, code) => {
    await using server = await startFakePostgres(['cleartext', 'ok'], { tls });
    expect((await logInTo(server, `password=${password} ${keywords}`, environment)).code).toBe(
      code,
    );
    expect(server.answers.join(' ').includes(password)).toBe(code === null);
  });

  test('channel binding that the pipeline requires is required', async () => {
    await using server = await startFakePostgres(['md5', 'ok']);
    const keywords = `password=${password} channel_binding=disable`;
    const environment = { ...listed, PGCHANNELBINDING: 'require' };
    expect((await logInTo(server, keywords, environment)).code).toBe(refused);
  });

  test('passwords of the environment are used if they are listed', async () => {
    const file = join(home, 'passwords');
    writeFileSync(file, `*:*:*:*:${password}\n`, { mode: 0o600 });
    const sent = async (
      keywords: string,
      names: string,
      environment: Readonly<Record<string, string>>,
    ): Promise<boolean> => {
      await using server = await startFakePostgres(['cleartext', 'ok']);
      const all = { ...inClear, STEEP_ALLOW_ENV: names, ...environment };
      await logInTo(server, keywords, all);
      return server.answers.join(' ').includes(password);
    };
    const [PGPASSWORD, PGPASSFILE] = [password, file];
    for (const [keywords, environment, name] of [
      ['', { PGPASSWORD }, 'PGPASSWORD'],
      ['', { PGPASSFILE }, 'PGPASSFILE'],
      [`passfile=${file}`, {}, 'PGPASSFILE'],
    ] as const) {
      expect(await sent(keywords, 'PRIMARY_URL', environment), `${name} ${keywords}`).toBe(false);
      expect(await sent(keywords, `A,${name}`, environment), `${name} ${keywords}`).toBe(true);
    }
    rmSync(file);
    // ~/.pgpass, which is read where no other file is named.
    const passfile = (names: string) =>
      withEnvironment(new Conninfo({}), { STEEP_ALLOW_ENV: names }).get('passfile');
    expect(passfile('A')).toBe(devNull);
    expect(passfile('PGPASSFILE')).toBeUndefined();
  });
});
