// To parse a constant calls the input function of its type, which checks the domains in it: a row filter of a file, or one
// that compares with a column whose owner has changed its type, must not have code of the owner run.

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../../support/servers/cluster.ts';
import { endsByDay, majors } from '../../../support/servers/majors.ts';
import { testDatabase, urlOf } from '../../../support/servers/test-database.ts';
import { createProject, type Project } from '../../../support/worlds/project.ts';
import { attackedAt } from './renamed-world.ts';

interface World {
  readonly source: TestDatabase;
  readonly owner: string;
  /** Connections of the owner. */
  readonly as: TestDatabase;
  readonly project: Project;
  /** Describes the publication of this table with this filter. */
  readonly filter: (table: string, where: string) => Promise<void>;
  /** How often the code of the owner ran since the last call. */
  readonly ran: () => Promise<number>;
}

/** The tables and types belong to a role that may create in the database; steep is a superuser. */
const world = async (major: number): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'steep-filters-'));
  await chmod(folder, 0o777);
  const source = await cluster.database(major);
  const owner = `owner_${source.name}`;
  await source.query(
    `CREATE ROLE ${owner} LOGIN PASSWORD 'x'; GRANT CREATE ON DATABASE ${source.name} TO ${owner}`,
  );
  const as = testDatabase(source.conninfo.with({ user: owner, password: 'x' }), source.name);
  await as.query(`
    CREATE SCHEMA app;
    CREATE FUNCTION app.fires(text) RETURNS bool LANGUAGE plpgsql AS $f$ BEGIN
      EXECUTE format($c$COPY (SELECT 1) TO PROGRAM 'touch ${folder}/%s'$c$, gen_random_uuid()); RETURN true; END $f$;
    CREATE DOMAIN app.d AS text CHECK (app.fires(VALUE));
    CREATE TYPE app.c AS (x int, y app.d);
    CREATE FUNCTION app.lower(app.d[]) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
    CREATE FUNCTION app.both(int, app.d[]) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
    CREATE OPERATOR app.+ (LEFTARG = int, RIGHTARG = app.d[], FUNCTION = app.both);
    CREATE TABLE app.t (k int PRIMARY KEY, v app.d[], w text);
    CREATE TABLE app.app (k int PRIMARY KEY, d text);
    ALTER TABLE app.t REPLICA IDENTITY FULL;
    ALTER TABLE app.app REPLICA IDENTITY FULL`);
  await as.close();
  onTestFinished(async () => {
    await source.drop();
    await rm(folder, { recursive: true, force: true });
  });
  const project = await createProject({ source: source.url }, {});
  return {
    source,
    owner,
    as,
    project,
    filter: (table, where) =>
      project.describe({
        publications: { feed: { node: 'source', tables: [{ name: table, where }] } },
      }),
    ran: async () => {
      const names = await readdir(folder);
      await Promise.all(names.map((name) => rm(join(folder, name))));
      return names.length;
    },
  };
};

const hostile: readonly (readonly [table: string, where: string, named: string])[] = [
  ['app.t', "v = '{x}'", 'column v has type app.d[]'],
  ['app.t', "w = ANY ('{x}'::app.d[])", 'app.d'],
  ['app.t', "app.c '(1,x)' IS NOT NULL", 'app.c'],
  ['app.t', "cast('{x}' AS app./* */_d) IS NULL", 'app._d'],
  ['app.t', "app.lower('{x}')", 'app.lower'],
  ['app.t', "k OPERATOR(app.+) '{x}'", 'operator'],
  ['app.t', "t = '(1,{x},w)'", ' t '],
  ['app.app', "app.d = ANY ('{x}'::app.d[])", 'app.d'],
  ['app.t', `w = ANY ('{x}'::U&"\\0061pp".d[])`, ' u '],
];

/** Row filters came with 15. */
const filtering = endsByDay(majors.filter((major) => major >= 15));

test.each(filtering)('PostgreSQL %i: filters with types of a user', async (major) => {
  const { project, filter, ran } = await world(major);
  for (const [table, where, named] of hostile) {
    await filter(table, where);
    const { stdout, stderr } = await project.steep('plan');
    expect(await ran(), where).toBe(0);
    expect(stdout + stderr, where).toContain('FILTER_INVALID');
    expect(stdout.replaceAll(/\s+/g, ' '), where).toContain(named);
  }
});

test.each(filtering)(
  'PostgreSQL %i: a column that gets such a type after the plan',
  async (major) => {
    const { source, project, filter, ran } = await world(major);
    await filter('app.t', "app.t.w = 'x' AND pg_catalog.length(t.w) > 0");
    expect((await project.steep('plan', '--out', 'plan')).code).toBe(0);
    await source.query('ALTER TABLE app.t ALTER w TYPE app.d[] USING NULL');
    const { code, stderr } = await project.steep('apply', 'plan');
    expect(await ran()).toBe(0);
    expect(code, stderr).not.toBe(0);
    await source.query('ALTER TABLE app.t ALTER w TYPE text USING NULL');
    expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  },
);

test.each(filtering)(
  'PostgreSQL %i: another schema that gets the name of the schema before the publication is created',
  async (major) => {
    const { source, owner, as, project, filter, ran } = await world(major);
    onTestFinished(() => as.close());
    await filter('app.t', "w = '{x}'");
    const { conninfo, state } = await attackedAt(source, /^CREATE PUBLICATION/, {
      database: as,
      role: owner,
      attack: `
        BEGIN; ALTER SCHEMA app RENAME TO former; CREATE SCHEMA app;
        CREATE TABLE app.t (k int PRIMARY KEY, w former.d[]); COMMIT`,
    });
    await project.with({ source: urlOf(conninfo) }).steep('apply', '--auto-approve');
    expect(await ran()).toBe(0);
    expect(state()).toBe('waits');
  },
);
