// The author of a branch writes steep.yaml; the pipeline has the secrets, and lists what the file may name.

import { expect, test } from 'vitest';
import { startFakePostgres } from '../../support/fakes/fake-postgres.ts';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { createProject } from '../../support/worlds/project.ts';

runCommandsAlone();

const secret = 'canary-Zx81';

test('a server of the author gets no password of the pipeline in clear, whatever the file says', async () => {
  await using server = await startFakePostgres(['cleartext', 'ok']);
  const project = await createProject({}, {});
  const connection = { host: 'localhost', port: server.port, dbname: 'd', user: 'u' };
  const plan = async (
    own: object,
    environment: Readonly<Record<string, string>>,
    ...flags: readonly string[]
  ) => {
    const inClear = { sslmode: 'disable', require_auth: 'password' };
    const nodes = { primary: { connection: { ...connection, ...inClear, ...own } } };
    await project.write('steep.yaml', JSON.stringify({ version: 1, nodes }));
    return project.withEnvironment(environment).steep('plan', ...flags);
  };
  const named = { password_env: 'PRIMARY_PASSWORD' };
  const variable = { PRIMARY_PASSWORD: secret };
  const PGPASSWORD = secret;

  const refused = [
    await plan(named, variable, '--allow-env', 'PRIMARY_PASSWORD'),
    await plan(named, { ...variable, STEEP_ALLOW_ENV: 'PRIMARY_PASSWORD' }),
  ];
  for (const { code, stdout } of refused) {
    expect(code).toBe(7);
    expect(stdout).toContain('AUTHENTICATION_REFUSED');
    expect(stdout).toContain('Set PGREQUIREAUTH=password in the environment of the pipeline');
  }
  const unused = await plan({}, { PGPASSWORD, PGREQUIREAUTH: 'password' }, '--allow-env', 'OTHER');
  expect(unused.stderr).toContain('PGPASSWORD is not used');
  expect(server.answers.join(' ')).not.toContain(secret);

  // What a user without a list gets, as with psql; and a pipeline that says so.
  await plan({}, { PGPASSWORD });
  expect(server.answers.filter((answer) => answer.includes(secret))).toHaveLength(1);
  const agreed = { ...variable, PGREQUIREAUTH: 'password' };
  await plan(named, agreed, '--allow-env', 'PRIMARY_PASSWORD');
  expect(server.answers.filter((answer) => answer.includes(secret))).toHaveLength(2);

  const url = `postgresql://postgres:${secret}@db.example/app`;
  const whole = await plan({ password_env: 'PRIMARY_URL' }, { PRIMARY_URL: url });
  expect(whole.code).toBe(65);
  expect(whole.stderr).toContain('`password` contains a whole connection string');
  expect(server.answers.filter((answer) => answer.includes(secret))).toHaveLength(2);
});
