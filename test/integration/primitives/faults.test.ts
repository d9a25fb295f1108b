// What a primitive is asked for in vain: names, rights, connections. No message shows a connection.

import { expect, test } from 'vitest';
import { besidesPasswordWarning } from '../../support/cli.ts';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';
import { pairOn, primitive } from './primitives-world.ts';

runCommandsAlone();

test('what is wrong is said at once, and no connection is shown', async () => {
  const { primary, reporting } = await pairOn(newestMajor);
  const project = await createProject({ primary: primary.url, reporting: reporting.url }, {});
  const yes = '--auto-approve';
  const unknown = await project.steep('replication', 'pub', 'list', '-n', 'primry');
  expect([unknown.code, unknown.stderr]).toEqual([64, expect.stringContaining('primary')]);
  expect((await project.steep('replication', 'pub', 'list')).code).toBe(64);
  expect(
    (await project.steep('replication', 'pub', 'create', 'p', '-n', 'primary', yes)).code,
  ).toBe(64);
  const nowhere = primary.url.replace(/@[^/]+\//, '@127.0.0.1:1/');
  const away = await project.steep('replication', 'slot', 'create', 's', '-c', nowhere, yes);
  expect(away.code).toBe(7);
  const role = `limited_${primary.name}`;
  await primary.query(`CREATE ROLE ${role} LOGIN PASSWORD 'canary-2719'`);
  try {
    const url = new URL(primary.url);
    url.username = role;
    url.password = 'canary-2719';
    const refused = await primitive(
      { ...primary, url: url.href },
      'replication pub create p --tables orders,refunds --auto-approve',
    );
    expect(refused.code, refused.stderr).toBe(3);
    expect(refused.stderr).toContain('PRIVILEGE');
    expect(refused.stderr).toContain('GRANT CREATE ON DATABASE');
    for (const { stdout, stderr } of [refused, away, unknown]) {
      expect(`${stdout}${stderr}`).not.toContain('canary-2719');
      expect(`${stdout}${stderr}`).not.toContain(decodeURIComponent(new URL(primary.url).password));
    }
    expect(besidesPasswordWarning(away.stderr)).toContain('127.0.0.1:1');
  } finally {
    await primary.query(`DROP ROLE ${role}`);
  }
  const faults = await primitive(
    primary,
    'replication pub add-tables nothing --tables orders --auto-approve',
  );
  expect([faults.code, faults.stderr]).toEqual([1, expect.stringContaining('OBJECT_NOT_FOUND')]);
  const { port, user, password } = Object.fromEntries(
    ['port', 'user', 'password'].map((word) => [word, primary.conninfo.get(word) ?? '']),
  );
  const bare = await project
    .withEnvironment({
      PGHOST: '127.0.0.1',
      PGPORT: port ?? '',
      PGUSER: user ?? '',
      PGPASSWORD: password ?? '',
      PGDATABASE: primary.name,
    })
    .steep('replication', 'pub', 'list');
  expect([bare.code, bare.stdout]).toEqual([0, 'Node target has no publications.\n']);
});
