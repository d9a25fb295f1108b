// Roles as `steep doctor --grants` prints them, on two databases of one server, and a shop that is replicated with them.

import type { GrantCommand } from '../../../src/model/report/doctor.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { urlOf } from '../servers/test-database.ts';
import { grantedStatements, grantPassword } from './granted.ts';
import { createProject, type Project } from './project.ts';

export interface GrantStage {
  readonly primary: TestDatabase;
  readonly reporting: TestDatabase;
  /** With the connections of a superuser. */
  readonly project: Project;
  /** The names of the roles, by command; `copies`: the one that the subscriber reads with. */
  readonly roles: Readonly<Record<GrantCommand | 'copies', string>>;
  /** The same folder, as another role. */
  as(role: string): Project;
  /** A URL of this role. */
  urlAs(database: TestDatabase, role: string): string;
  /** Runs what `--grants --for COMMAND` prints, as an administrator would. */
  grant(command: GrantCommand): Promise<void>;
  /** Writes steep.yaml; the tables are what `sales` publishes. */
  describe(tables: readonly string[], subscription?: object): Promise<void>;
}

const tables = `
  CREATE SCHEMA shop;
  CREATE TABLE shop.customers (id int PRIMARY KEY, name text);
  CREATE TABLE shop.orders (id int PRIMARY KEY, customer int REFERENCES shop.customers, note text);
  CREATE TABLE shop.returns (id int PRIMARY KEY, note text);
  CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'stamped'; RETURN NEW; END $$;
  CREATE TRIGGER stamp BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.stamp()`;

/** The rows of the primary, as SQL. */
export const seed = `
  INSERT INTO shop.customers VALUES (1, 'a'), (2, 'b');
  ALTER TABLE shop.orders DISABLE TRIGGER stamp;
  INSERT INTO shop.orders SELECT i, 1 + i % 2, 'as sold' FROM generate_series(1, 10) AS i;
  ALTER TABLE shop.orders ENABLE TRIGGER stamp;
  INSERT INTO shop.returns VALUES (1, 'x')`;

/** The tables of one node belong to a role that is not steep's; those of the other one to a superuser. */
export async function createGrantStage(major: number): Promise<GrantStage> {
  const server = await cluster.server(major);
  const [primary, reporting] = [await server.createDatabase(), await server.createDatabase()];
  const owner = `owner_${primary.name}`;
  await primary.query(`CREATE ROLE ${owner}`);
  for (const database of [primary, reporting]) {
    await database.query(`REVOKE ALL ON DATABASE ${database.name} FROM PUBLIC`);
    await database.query(tables);
    await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  }
  await primary.query(seed);
  await primary.query(`ALTER SCHEMA shop OWNER TO ${owner}`);
  for (const table of ['customers', 'orders', 'returns']) {
    await primary.query(`ALTER TABLE shop.${table} OWNER TO ${owner}`);
  }
  const roles = {
    plan: `plan_${primary.name}`,
    apply: `apply_${primary.name}`,
    drift: `drift_${primary.name}`,
    worker: `apply_${primary.name}`,
    queue: `queue_${primary.name}`,
    copies: `copies_${primary.name}`,
  };
  const urlAs = (database: TestDatabase, user: string): string =>
    urlOf(database.conninfo.with({ user, password: grantPassword }));
  const project = (
    await createProject({ primary: primary.url, reporting: reporting.url }, {})
  ).withEnvironment({ COPIES_PASSWORD: grantPassword });
  const connection = {
    host: primary.conninfo.get('host') ?? '',
    port: primary.conninfo.get('port') ?? '',
    dbname: primary.name,
    user: roles.copies,
    password_env: 'COPIES_PASSWORD',
  };
  const databases: Readonly<Record<string, TestDatabase>> = { primary, reporting };
  return {
    primary,
    reporting,
    project,
    roles,
    urlAs,
    as: (role) =>
      project.with({ primary: urlAs(primary, role), reporting: urlAs(reporting, role) }),
    grant: async (command) => {
      const asked = ['--for', command, '--role', roles[command], '--json'];
      const { stdout, stderr, code } = await project.steep('doctor', '--grants', ...asked);
      if (code !== 0) throw new Error(`${stdout}${stderr}`);
      for (const { name, grants } of JSON.parse(stdout).nodes) {
        for (const statement of grantedStatements(grants)) await databases[name]?.query(statement);
      }
    },
    describe: (names, subscription = {}) =>
      project.describe({
        nodes: { primary: { replication_connection: connection } },
        defaults: { apply_role: roles.apply },
        publications: { sales: { node: 'primary', tables: names } },
        subscriptions: {
          [primary.name]: {
            node: 'reporting',
            source: 'primary',
            publications: ['sales'],
            ...subscription,
          },
        },
      }),
  };
}
