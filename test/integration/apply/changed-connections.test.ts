// A changed connection that does not work: the apply ends before anything is changed, and the subscription runs on.

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { installed, rowsWorld } from '../rows/rows-world.ts';

const items = [{ schema: 'public', name: 'items' }];
const publications = {
  items: { node: 'publisher', tables: ['items'] },
  more: { node: 'publisher', tables: ['more'] },
};

test.each(
  installed([
    [14, 18],
    [15, 15],
  ]),
)('%s to %s: nothing is changed, and the subscription continues', async (...pair) => {
  const tables = 'CREATE TABLE items (id int PRIMARY KEY); CREATE TABLE more (id int PRIMARY KEY)';
  const world = await rowsWorld({ pair, tables, publication: { tables: ['items'] } });
  const { project, publisher, subscriber, slot, steep } = world;
  await steep(0, 'apply', '--auto-approve');
  const describeWith = (dbname: string) =>
    project.describe({
      nodes: {
        publisher: { replication_connection: urlOf(publisher.conninfo.with({ dbname })) },
      },
      publications,
      subscriptions: {
        items: { node: 'subscriber', source: 'publisher', publications: ['items', 'more'], slot },
      },
    });
  await describeWith('nowhere');
  const refused = await steep(1, 'apply', '--auto-approve');
  expect(refused).toContain('database "nowhere" does not exist');
  const created = await publisher.query(`SELECT FROM pg_publication WHERE pubname = 'more'`);
  expect(created).toEqual([]);
  await publisher.query('INSERT INTO items VALUES (1)');
  await waitForSameRows(publisher, subscriber, items);
  // As the server was reached before, by another name of its host.
  await describeWith(publisher.name);
  await steep(0, 'apply', '--auto-approve');
  await publisher.query('INSERT INTO items VALUES (2); INSERT INTO more VALUES (1)');
  await waitForSameRows(publisher, subscriber, [...items, { schema: 'public', name: 'more' }]);
});

test('a plan shows where a subscriber will connect, and is stale when the file leads elsewhere', async () => {
  const world = await rowsWorld({
    pair: [newestMajor, newestMajor],
    tables: 'CREATE TABLE items (id int PRIMARY KEY)',
    publication: { tables: ['items'] },
  });
  const { project, publisher, slot, steep } = world;
  const describeWith = (keywords: Readonly<Record<string, string>>) => {
    const conninfo = publisher.conninfo.with({ dbname: publisher.name, ...keywords });
    return project.describe({
      nodes: { publisher: { replication_connection: urlOf(conninfo) } },
      publications: { items: publications.items },
      subscriptions: {
        items: { node: 'subscriber', source: 'publisher', publications: ['items'], slot },
      },
    });
  };
  const idIn = (text: string) => /plan (sha256:\S+)/.exec(text)?.[1];
  await describeWith({ password: 'canary-Zx81' });
  const shown = await steep(0, 'plan', '--out', 'reviewed');
  expect(shown).toMatch(new RegExp(`connection: dbname=${publisher.name} host=.+ user=`));
  expect(shown).not.toContain('canary-Zx81');
  expect(await project.read('reviewed')).not.toContain('canary-Zx81');
  // Another password is no other place; and one who may not know it sees the same plan.
  await describeWith({ password: 'canary-Zx82' });
  expect(idIn(await steep(0, 'plan'))).toBe(idIn(shown));
  for (const elsewhere of [{ host: 'elsewhere.example' }, { user: 'another_user' }]) {
    await describeWith(elsewhere);
    expect(idIn(await steep(0, 'plan'))).not.toBe(idIn(shown));
    expect(await steep(4, 'apply', 'reviewed')).toContain('would now be carried out differently');
  }
});

test('a passfile does not count for a role that is not a superuser: the plan is blocked', async () => {
  const world = await rowsWorld({
    pair: [newestMajor, newestMajor],
    tables: 'CREATE TABLE items (id int PRIMARY KEY)',
    publication: { tables: ['items'] },
  });
  const { project, publisher, subscriber, slot } = world;
  const role = `app_${randomBytes(4).toString('hex')}`;
  await subscriber.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
  onTestFinished(async () => {
    await subscriber.query(`DROP ROLE ${role}`);
  });
  const { host = '', port = '' } = {
    host: publisher.conninfo.get('host'),
    port: publisher.conninfo.get('port'),
  };
  const connection = (rest: object) => ({
    host,
    port: Number(port),
    dbname: publisher.name,
    user: 'replicator',
    ...rest,
  });
  const planWith = async (rest: object, exit: number): Promise<string> => {
    await project.describe({
      nodes: { publisher: { replication_connection: connection(rest) } },
      publications: { items: publications.items },
      subscriptions: {
        items: { node: 'subscriber', source: 'publisher', publications: ['items'], slot },
      },
    });
    const asRole = urlOf(subscriber.conninfo.with({ user: role, password: 'x' }));
    const { code, stdout, stderr } = await project
      .with({ subscriber: asRole })
      .withEnvironment({ REPLICATION_PASSWORD: 'secret' })
      .steep('plan', '--detailed-exitcode');
    expect(code, stdout + stderr).toBe(exit);
    return stdout + stderr;
  };
  expect(await planWith({ passfile: '/nowhere/pgpass' }, 3)).toMatch(
    /BLOCK +PASSWORD_REQUIRED +Add password_env: NAME to the replication_connection of node publisher/,
  );
  const named = await planWith({ password_env: 'REPLICATION_PASSWORD' }, 3);
  expect(named).toContain('SECRET_IN_CATALOG');
  expect(named).not.toMatch(/PASSWORD_REQUIRED|passfile/);
});
