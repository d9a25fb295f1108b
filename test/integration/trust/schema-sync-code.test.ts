// Attacks through schema_sync: auto: the owner of a publisher's tables plants functions and defaults, and steep runs as
// superuser of the subscriber. Nothing of it runs, or exists there, without consent to its text.

import { describe, expect, test } from 'vitest';
import { assertAgreed } from '../../../src/catalog/foreign-code/assert-agreed.ts';
import type { CodeGuard } from '../../../src/copy/check/code-guard.ts';
import { changeSchemaExecutor } from '../../../src/executors/change-schema.ts';
import type { RunContext } from '../../../src/executors/executor.ts';
import type { ChangeSchema } from '../../../src/model/step/schema-step.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { open } from '../copy/copy-under-test.ts';
import { allow, applyAll, codeHazards, createSchemaSyncWorld } from './schema-sync-world.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

/** What the plan did not know of: the step looks under its lock, before it alters anything. */
const runLate = async (subscriber: TestDatabase, role: string): Promise<void> => {
  const session = await open(subscriber.conninfo, 'subscriber');
  const step = {
    kind: 'change-schema',
    node: 'subscriber',
    object: { kind: 'table', name: 'shop.orders' },
    statements: ['ALTER TABLE shop.orders ALTER COLUMN checked TYPE text'],
    usesRowsOf: [{ schema: 'shop', name: 'orders' }],
    lock: 'ACCESS EXCLUSIVE',
    role,
  } as unknown as ChangeSchema;
  const guard: CodeGuard = async (on, use, tables) => {
    const attach =
      'DO $$ BEGIN LOCK TABLE shop.orders IN SHARE UPDATE EXCLUSIVE MODE NOWAIT; END $$';
    await expect(subscriber.query(attach)).rejects.toThrow('could not obtain lock');
    const rename = `SET LOCAL lock_timeout = '100ms'; ALTER SCHEMA shop RENAME TO former`;
    await expect(subscriber.query(rename)).rejects.toThrow('lock timeout');
    await assertAgreed(on, use, tables, []);
  };
  const context = { session: () => session, guard } as unknown as RunContext;
  try {
    await session.transaction({}, async () => changeSchemaExecutor.run?.(step, context));
  } finally {
    await session.close();
  }
};

describe.each(widest)('PostgreSQL %i', (major) => {
  const world = () => createSchemaSyncWorld(major);

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
    const refused = await applyAll(it);
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    const columns = `SELECT attname FROM pg_attribute WHERE attrelid = 'shop.orders'::regclass AND attnum > 1`;
    expect(await subscriber.query(columns)).toEqual([]);
    // Anyone who agrees has it run with the rights of the owner, who may not read files.
    const agreed = await applyAll(it, ...allow('table.shop.orders'));
    expect(agreed.code).not.toBe(0);
    expect(agreed.stdout + agreed.stderr).toContain('permission denied for function pg_read_file');
    expect(await subscriber.query(columns)).toEqual([]);
  });

  test('functions: a danger with their text, made as the owner of the schema, and for no other role', async () => {
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
    expect((await applyAll(it)).code).toBe(3);
    expect(await subscriber.query(`SELECT to_regproc('shop.rise') AS f`)).toEqual([{ f: null }]);
    const agreed = await applyAll(
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

  test('a function with SECURITY DEFINER in a schema of a superuser: blocked, whether or not it is allowed', async () => {
    const it = await world();
    await it.publisher.query(`
      CREATE FUNCTION public.rise() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      CREATE TABLE shop.more (id int PRIMARY KEY, b int DEFAULT public.rise())`);
    const refused = await applyAll(it, ...allow('function.public.rise', 'table.shop.more'));
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
    expect((await applyAll(it)).code).toBe(3);
    expect(
      await subscriber.query(`SELECT rolsuper FROM pg_roles WHERE rolname = '${owner}'`),
    ).toEqual([{ rolsuper: false }]);
  });

  test('what is attached to a table runs where its rows are converted: a danger, or refused at the last moment', async () => {
    const it = await world();
    const { publisher, subscriber, owner, project } = it;
    const table = `ALTER TABLE shop.orders ADD COLUMN checked varchar(9) DEFAULT 'x'`;
    await publisher.query(`${table}, ADD COLUMN mood varchar(9) DEFAULT 'x'`);
    // Struck with, a role gets a right that only a superuser can give; nothing is while the table is made.
    await subscriber.query(`
      SET ROLE ${owner};
      CREATE FUNCTION shop.strike(what text, value text) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN RETURN true; END $f$;
      CREATE TYPE shop.mood AS ENUM ('x');
      CREATE FUNCTION shop.as_text(shop.mood) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN
        PERFORM shop.strike('CREATEROLE', 'x'); RETURN 'x'; END $f$;
      CREATE CAST (shop.mood AS text) WITH FUNCTION shop.as_text(shop.mood);
      ${table} CONSTRAINT c CHECK (shop.strike('CREATEDB', checked)), ADD COLUMN mood shop.mood DEFAULT 'x';
      CREATE OR REPLACE FUNCTION shop.strike(what text, value text) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN
        RESET ROLE; EXECUTE 'ALTER ROLE ${owner} ' || what; RETURN true; END $f$;
      RESET ROLE`);
    const struck = async () => {
      const [role] = await subscriber.query(
        `SELECT rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = '${owner}'`,
      );
      return Object.values(role ?? {});
    };
    await expect(runLate(subscriber, owner)).rejects.toMatchObject({ code: 'RUNS_FOREIGN_CODE' });
    await publisher.query(`ALTER TABLE shop.orders ALTER checked TYPE text, ALTER mood TYPE text`);
    const planned = await project.steep('plan');
    expect(planned.stdout).toContain('when it alters shop.orders');
    expect(planned.stdout).toContain(`shop.strike(text,text) of role ${owner} (check c)`);
    expect(planned.stdout).toContain(`shop.as_text(shop.mood) of role ${owner} (type of mood)`);
    const refused = await applyAll(it);
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    expect(await struck()).toEqual([false, false]);
    const flag = 'RUNS_FOREIGN_CODE=subscriber/table.shop.orders';
    const agreed = await applyAll(it, '--allow-hazard', flag);
    expect(agreed.code, agreed.stdout + agreed.stderr).toBe(0);
    expect(await struck()).toEqual([true, true]);
    // Nothing of it runs where a column is added.
    await publisher.query('ALTER TABLE shop.orders ADD COLUMN plain int NOT NULL DEFAULT 1');
    const added = await applyAll(it);
    expect(added.code, added.stdout + added.stderr).toBe(0);
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
