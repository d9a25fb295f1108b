// A server that logs everything: what steep sends to make and to alter a subscription leaves no password in its log, nor
// does a statement that fails; where the role may not turn logging off, the plan says so.

import { describe, expect, test } from 'vitest';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { cluster, type PrivateServer, type TestDatabase } from '../../support/servers/cluster.ts';
import { firstByDay, majors } from '../../support/servers/majors.ts';
import { statementLogging } from '../../support/servers/server-log.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

runCommandsAlone();

interface World {
  readonly server: PrivateServer;
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  readonly project: Project;
  readonly role: string;
  readonly describe: (more?: object) => Promise<void>;
}

const world = async (major: number): Promise<World> => {
  const server = await cluster.privateServer(major, {
    ...statementLogging,
    log_min_duration_statement: '0',
    log_min_error_statement: 'error',
    debug_print_parse: 'on',
    debug_print_rewritten: 'on',
    debug_print_plan: 'on',
  });
  const source = await cluster.database(major);
  const target = await server.createDatabase();
  for (const database of [source, target])
    await database.query('CREATE TABLE a (id int PRIMARY KEY)');
  const role = `reader_${source.name}`;
  await source.query(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'first-secret'`);
  await source.query(`GRANT SELECT ON a TO ${role}`);
  const project = await createProject({ publisher: source.url, subscriber: target.url }, {});
  const own = new URL(source.url);
  const describeIt = (more: object = {}): Promise<void> =>
    project.describe({
      nodes: {
        publisher: {
          replication_connection: {
            host: own.hostname,
            port: Number(own.port),
            dbname: source.name,
            user: role,
            password_env: 'READER_PASSWORD',
            ...more,
          },
        },
      },
      publications: { p: { node: 'publisher', tables: ['a'] } },
      subscriptions: {
        s: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['p'],
          slot: `s_${source.name}`,
        },
      },
    });
  await describeIt();
  return { server, source, target, project, role, describe: describeIt };
};

const settings = [
  'log_min_duration_statement',
  'log_min_error_statement',
  'log_statement',
  'track_activities',
];

/** With a statement that is logged, so that a log which says nothing proves something. */
const expectNotLogged = async ({ server, target }: World, secret: string): Promise<void> => {
  await target.query("SELECT 'a statement that is logged'");
  const log = await server.logText();
  expect(log).toContain('a statement that is logged');
  expect(log).not.toContain(secret);
};

describe.each(firstByDay(majors.filter((major) => major === 14 || major === 18)))(
  'PostgreSQL %i',
  (major) => {
    test('a superuser: made, altered, and failed', async () => {
      const it = await world(major);
      const steep = (secret: string) => it.project.withEnvironment({ READER_PASSWORD: secret });

      await it.describe({ port: 1 });
      const failed = await steep('failing-secret').steep('apply', '--auto-approve');
      expect(failed.code, failed.stderr + failed.stdout).not.toBe(0);
      expect(failed.stdout + failed.stderr).toContain('could not connect to the publisher');
      expect(await it.server.logText()).toContain('could not connect to the publisher');
      await expectNotLogged(it, 'failing-secret');

      await it.describe();
      const plan = await steep('first-secret').steep('plan', '--sql');
      for (const setting of settings) expect(plan.stdout).toContain(`set_config('${setting}'`);
      expect(plan.stdout).not.toContain('PASSWORD_IN_SERVER_LOG');
      const made = await steep('first-secret').steep('apply', '--auto-approve');
      expect(made.code, made.stderr + made.stdout).toBe(0);
      await expectNotLogged(it, 'first-secret');

      await it.source.query(`ALTER ROLE ${it.role} PASSWORD 'second-secret'`);
      const altered = await steep('second-secret').steep('apply', '--auto-approve');
      expect(altered.code, altered.stderr + altered.stdout).toBe(0);
      expect(altered.stdout).toContain('CONNECTION');
      await expectNotLogged(it, 'second-secret');
    });

    test.skipIf(major < 16)('an ordinary role', async () => {
      const it = await world(major);
      const role = `ordinary_${it.target.name}`;
      const { name } = it.target;
      await it.target.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
      await it.target.query(`GRANT CREATE ON DATABASE ${name} TO ${role}`);
      await it.target.query(`GRANT pg_create_subscription, pg_read_all_stats TO ${role}`);
      await it.target.query(`ALTER TABLE a OWNER TO ${role}`);
      const subscriber = urlOf(
        it.server.superuser.with({ dbname: name, user: role, password: 'x' }),
      );
      const project = it.project
        .with({ subscriber })
        .withEnvironment({ READER_PASSWORD: 'first-secret' });

      const warned = await project.steep('plan', '--sql');
      expect(warned.code, warned.stderr + warned.stdout).toBe(0);
      expect(warned.stdout).toContain('PASSWORD_IN_SERVER_LOG');
      expect(warned.stdout).not.toContain("set_config('log_statement'");
      const grant = `GRANT SET ON PARAMETER ${settings.slice(0, 3).join(', ')} TO ${role};`;
      const json = await project.steep('plan', '--json');
      expect(json.stdout).toContain(grant);

      await it.target.query(grant);
      const planned = await project.steep('plan', '--sql');
      expect(planned.stdout).not.toContain('PASSWORD_IN_SERVER_LOG');
      const applied = await project.steep('apply', '--auto-approve');
      expect(applied.code, applied.stderr + applied.stdout).toBe(0);
      await expectNotLogged(it, 'first-secret');
    });
  },
);
