// The commands of README.md, as they are printed, but for the names of roles and databases: with the roles that they make, and
// no more, a database is replicated that has foreign keys, triggers, domains, enums, partitions and a sequence of nobody.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay } from '../../support/servers/majors.ts';
import { urlOf } from '../../support/servers/test-database.ts';
import { createProject } from '../../support/worlds/project.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** The statements of its two blocks of SQL: of the publisher, and of the subscriber. */
const printed = [...readme.matchAll(/^```sql\n([\s\S]*?)^```/gm)].map(([, block = '']) =>
  block
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== ''),
);

const password = 'of this test';

const ddl = (owner: string): string => `
  CREATE TYPE mood AS ENUM ('sad', 'happy');
  CREATE DOMAIN amount AS numeric(12, 2) CHECK (VALUE >= 0);
  CREATE SEQUENCE numbers;
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'stamped'; RETURN NEW; END $$;
  CREATE TABLE customers (id int PRIMARY KEY DEFAULT nextval('numbers'), feels mood NOT NULL, note text);
  CREATE TABLE orders (id serial PRIMARY KEY, customer int NOT NULL REFERENCES customers, total amount NOT NULL, note text);
  CREATE TABLE refunds (id int, at date, sum amount, customer int REFERENCES customers, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE refunds_1 PARTITION OF refunds FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE refunds_2 PARTITION OF refunds FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  CREATE INDEX ON orders (customer);
  CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
  ALTER TYPE mood OWNER TO ${owner}; ALTER DOMAIN amount OWNER TO ${owner}; ALTER SEQUENCE numbers OWNER TO ${owner};
  ALTER FUNCTION stamp() OWNER TO ${owner};
  ${['customers', 'orders', 'refunds', 'refunds_1', 'refunds_2']
    .map((table) => `ALTER TABLE ${table} OWNER TO ${owner};`)
    .join(' ')}`;

const rows = `
  INSERT INTO customers (feels) SELECT 'happy' FROM generate_series(1, 50);
  ALTER TABLE orders DISABLE TRIGGER stamp;
  INSERT INTO orders (customer, total, note) SELECT 1 + n % 50, n, 'as sold' FROM generate_series(1, 500) AS n;
  ALTER TABLE orders ENABLE TRIGGER stamp;
  INSERT INTO refunds SELECT n, date '2026-01-01' + n, n, 1 + n % 50 FROM generate_series(1, 300) AS n`;

/** One end, with its own owner of tables and its own role of steep. */
const prepare = async (database: TestDatabase, statements: readonly string[]) => {
  const names: Readonly<Record<string, string>> = {
    app: database.name,
    app_owner: `owner_${database.name}`,
    steep: `steep_${database.name}`,
    replicator: `replicator_${database.name}`,
  };
  await database.query(`CREATE ROLE ${names.app_owner}`);
  await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  await database.query(ddl(names.app_owner ?? ''));
  for (const statement of statements) {
    // The server of the tests has it, and nobody restarts it.
    if (statement.startsWith('ALTER SYSTEM')) continue;
    const renamed = statement.replaceAll(
      /\b(app_owner|app|steep|replicator)\b/g,
      (name) => names[name] ?? name,
    );
    await database.query(renamed.replace(`'…'`, `'${password}'`));
  }
  const as = (user: string): string =>
    urlOf(database.conninfo.with({ user: names[user] ?? '', password }));
  return { names, url: as('steep') };
};

const createWorld = async (major: number, copy: 'native' | 'parallel') => {
  const server = await cluster.server(major);
  const [primary, reporting] = [await server.createDatabase(), await server.createDatabase()];
  const ends = [primary, reporting] as const;
  onTestFinished(async () => {
    for (const database of [reporting, primary]) await database.drop();
  });
  const [source, target] = [
    await prepare(ends[0], printed[0] ?? []),
    await prepare(ends[1], printed[1] ?? []),
  ];
  await primary.query(rows);
  const project = await createProject(
    { primary: source.url, reporting: target.url },
    {
      nodes: {
        primary: {
          replication_connection: {
            host: primary.conninfo.get('host') ?? '',
            port: primary.conninfo.get('port') ?? '',
            dbname: primary.name,
            user: source.names.replicator,
            password_env: 'REPLICATION_PASSWORD',
          },
        },
      },
      publications: {
        sales: {
          node: 'primary',
          tables: ['public.customers', 'public.orders', 'public.refunds'],
          publish: ['insert', 'update', 'delete'],
          publish_via_partition_root: true,
        },
      },
      subscriptions: {
        [primary.name]: {
          node: 'reporting',
          source: 'primary',
          publications: ['sales'],
          init: { copy },
        },
      },
    },
  );
  return {
    primary,
    reporting,
    project: project.withEnvironment({ REPLICATION_PASSWORD: password }),
  };
};

test('README.md has the commands of two servers', () => {
  expect(printed.map((statements) => statements.length)).toEqual([6, 6]);
});

describe.each(lastByDay([16, 18]))('PostgreSQL %i', (major) => {
  test.each(['parallel', 'native'] as const)('copy: %s', async (copy) => {
    const { primary, reporting, project } = await createWorld(major, copy);
    const applied = await project.steep('apply', '--auto-approve');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    await primary.query(`
      INSERT INTO customers (feels) VALUES ('sad');
      INSERT INTO orders (customer, total) VALUES (51, 7);
      UPDATE refunds SET sum = sum + 1 WHERE id = 3`);
    const names = ['customers', 'orders', 'refunds'];
    await waitForSameRows(
      primary,
      reporting,
      names.map((name) => ({ schema: 'public', name })),
    );
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  });
});
