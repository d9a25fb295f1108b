// Attacks through schema_sync: auto: the owner of a publisher's tables plants functions and defaults, and steep runs as
// superuser of the subscriber. Nothing of it runs, or exists there, unless somebody has agreed to its text.

import { describe, expect, test } from 'vitest';
import { cluster, type TestDatabase } from '../../support/cluster.ts';
import { majors } from '../../support/majors.ts';
import { createProject, type Project } from '../../support/project.ts';

const widest = majors.filter((major) => major === 14 || major === 18);

interface World {
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  /** Owns the schema shop and its tables on the subscriber. */
  readonly owner: string;
  readonly project: Project;
}

const codeHazards = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/(?:DANGER|BLOCK) +(SCHEMA_\w+)/g)].map(([, code = '']) => code);

describe.each(widest)('PostgreSQL %i', (major) => {
  const world = async (): Promise<World> => {
    const publisher = await cluster.database(major);
    const subscriber = await cluster.database(major);
    const owner = `owner_${subscriber.name}`;
    await publisher.query(`
      CREATE SCHEMA shop;
      CREATE TABLE shop.orders (id int PRIMARY KEY);
      INSERT INTO shop.orders VALUES (1)`);
    await subscriber.query(`
      CREATE ROLE ${owner};
      CREATE SCHEMA shop AUTHORIZATION ${owner};
      SET ROLE ${owner};
      CREATE TABLE shop.orders (id int PRIMARY KEY);
      INSERT INTO shop.orders VALUES (1);
      RESET ROLE`);
    const project = await createProject(
      { publisher: publisher.url, subscriber: subscriber.url },
      {
        publications: { sales: { node: 'publisher', tables: ['shop.*'] } },
        subscriptions: {
          [`feed_${publisher.name}`]: {
            node: 'subscriber',
            source: 'publisher',
            publications: ['sales'],
            schema_sync: 'auto',
            init: { method: 'none' },
          },
        },
        policy: { allow_hazards: ['COPY_SKIPPED_GAP'] },
      },
    );
    return { publisher, subscriber, owner, project };
  };

  const apply = ({ project }: World, ...flags: readonly string[]) =>
    project.steep('apply', '--auto-approve', ...flags);

  const allow = (...addresses: readonly string[]): readonly string[] =>
    addresses.flatMap((address) => ['--allow-hazard', `SCHEMA_CARRIES_CODE=subscriber/${address}`]);

  test('a default that reads a file of the server: a danger with its text, and then as the owner', async () => {
    const it = await world();
    const { publisher, subscriber, project } = it;
    await publisher.query(
      `ALTER TABLE shop.orders ADD COLUMN secret text DEFAULT pg_read_file('PG_VERSION')`,
    );
    const planned = await project.steep('plan');
    expect(codeHazards(planned.stdout)).toEqual(['SCHEMA_CARRIES_CODE']);
    expect(planned.stdout).toContain(`DEFAULT pg_read_file('PG_VERSION'::text)`);
    expect(planned.stdout).toContain('it calls pg_read_file()');
    const refused = await apply(it);
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    const columns = `SELECT attname FROM pg_attribute WHERE attrelid = 'shop.orders'::regclass AND attnum > 1`;
    expect(await subscriber.query(columns)).toEqual([]);
    // Whoever agrees has it run with the rights of the owner, who may not read files.
    const agreed = await apply(it, ...allow('table.shop.orders'));
    expect(agreed.code).not.toBe(0);
    expect(agreed.stdout + agreed.stderr).toContain('permission denied for function pg_read_file');
    expect(await subscriber.query(columns)).toEqual([]);
  });

  test('functions: a danger with their text, made as the owner of the schema, and for nobody else', async () => {
    const it = await world();
    const { publisher, subscriber, owner, project } = it;
    await publisher.query(`
      CREATE FUNCTION shop.plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE FUNCTION shop.rise() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $f$ BEGIN
        ALTER ROLE ${owner} SUPERUSER; RETURN 1; END $f$;
      ALTER TABLE shop.orders ADD COLUMN a int DEFAULT shop.plain();
      CREATE TABLE shop.more (id serial PRIMARY KEY, b int DEFAULT shop.rise())`);
    const planned = await project.steep('plan');
    expect(planned.stdout).toContain(`ALTER ROLE ${owner} SUPERUSER`);
    expect(planned.stdout).toContain('SECURITY DEFINER');
    expect(codeHazards(planned.stdout)).toEqual(Array(4).fill('SCHEMA_CARRIES_CODE'));
    expect((await apply(it)).code).toBe(3);
    expect(await subscriber.query(`SELECT to_regproc('shop.rise') AS f`)).toEqual([{ f: null }]);
    const agreed = await apply(
      it,
      ...allow('function.shop.plain', 'function.shop.rise', 'table.shop.orders', 'table.shop.more'),
    );
    expect(agreed.code, agreed.stdout + agreed.stderr).toBe(0);
    const made = await subscriber.query(`
      SELECT proname AS name, proowner::regrole::text AS owner, proacl::text LIKE '%{=X%' AS public
        FROM pg_proc WHERE pronamespace = 'shop'::regnamespace
      UNION ALL
      SELECT relname, relowner::regrole::text, relacl IS NOT NULL
        FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname LIKE 'more%' ORDER BY 1`);
    expect(made).toEqual(
      ['more', 'more_id_seq', 'more_pkey', 'plain', 'rise'].map((name) => ({
        name,
        owner,
        public: false,
      })),
    );
    expect((await project.steep('plan')).stdout).toContain('No changes.');
  });

  test('a function with SECURITY DEFINER in a schema of a superuser: blocked, whoever agrees', async () => {
    const it = await world();
    await it.publisher.query(`
      CREATE FUNCTION public.rise() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      CREATE TABLE shop.more (id int PRIMARY KEY, b int DEFAULT public.rise())`);
    const refused = await apply(it, ...allow('function.public.rise', 'table.shop.more'));
    expect(refused.code).toBe(3);
    expect(refused.stdout + refused.stderr).toContain('SCHEMA_DDL_REFUSED');
    expect(await it.subscriber.query(`SELECT to_regclass('shop.more') AS t`)).toEqual([
      { t: null },
    ]);
  });

  test('a function of the subscriber and a domain of its owner are code, too', async () => {
    const it = await world();
    const { publisher, subscriber, owner, project } = it;
    await publisher.query(`
      CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE DOMAIN shop.d AS int;
      ALTER TABLE shop.orders ADD COLUMN a int DEFAULT shop.f();
      CREATE TABLE shop.more (id int PRIMARY KEY, d shop.d)`);
    await subscriber.query(`
      SET ROLE ${owner};
      CREATE FUNCTION shop.f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN
        ALTER ROLE ${owner} SUPERUSER; RETURN 1; END $f$;
      CREATE DOMAIN shop.d AS int CHECK (shop.f() > 0);
      RESET ROLE`);
    const planned = await project.steep('plan');
    expect(codeHazards(planned.stdout)).toContain('SCHEMA_CARRIES_CODE');
    expect(planned.stdout).toContain('it calls shop.f()');
    expect((await apply(it)).code).toBe(3);
    expect(
      await subscriber.query(`SELECT rolsuper FROM pg_roles WHERE rolname = '${owner}'`),
    ).toEqual([{ rolsuper: false }]);
  });

  test('a role that may not become the owner: code is blocked with the grant, the rest is done', async () => {
    const it = await world();
    const { publisher, subscriber, owner } = it;
    const limited = `steep_${subscriber.name}`;
    await subscriber.query(`
      CREATE ROLE ${limited} LOGIN PASSWORD 'x';
      GRANT CREATE ON DATABASE ${subscriber.name} TO ${limited};
      GRANT USAGE, CREATE ON SCHEMA shop TO ${limited}`);
    await publisher.query(`
      CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE TABLE shop.more (id int PRIMARY KEY, a int DEFAULT shop.f())`);
    const { url } = subscriber;
    const as = new URL(url);
    as.username = limited;
    as.password = 'x';
    const project = it.project.with({ publisher: publisher.url, subscriber: as.href });
    const planned = await project.steep('plan');
    expect(planned.stdout).toContain('SCHEMA_DDL_REFUSED');
    expect(planned.stdout).toContain(`GRANT ${owner} TO ${limited};`);
  });
});
