// Initial copies whose large tables come by pg_dump, while an application writes; and those left to a base backup.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type FakeDump, fakePgDump, realPgDump } from '../../support/fakes/pg-dumps.ts';
import { waitForSameRows } from '../../support/hashes.ts';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { fewPairs, type MajorPair, newestMajor, pairs } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { startWriter } from '../../support/worlds/writer.ts';

runCommandsAlone();

interface World {
  readonly project: Project;
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  /** Of steep: with this pg_dump. */
  readonly using: (program: string) => Project;
}

const large = { schema: 'Odd schema', name: 'Large "one"' };
const tables = [large, { schema: 'public', name: 'small' }, { schema: 'public', name: 'ledger' }];

const definitions = `
  CREATE SCHEMA "Odd schema";
  CREATE TABLE "Odd schema"."Large ""one""" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "No te" text,
    twice int GENERATED ALWAYS AS (length("No te") * 2) STORED);
  CREATE INDEX ON "Odd schema"."Large ""one""" ("No te");
  CREATE TABLE small (id int PRIMARY KEY, note text);
  CREATE TABLE ledger (id int PRIMARY KEY, of int REFERENCES "Odd schema"."Large ""one""")`;

const rows = `
  INSERT INTO "Odd schema"."Large ""one""" ("No te") SELECT repeat(md5(n::text), 4) FROM generate_series(1, 20000) n;
  INSERT INTO small SELECT n, 'note' FROM generate_series(1, 100) n;
  INSERT INTO ledger SELECT n, n FROM generate_series(1, 100) n`;

const write = (turn: number): string =>
  [
    `INSERT INTO "Odd schema"."Large ""one""" ("No te") VALUES ('new ${turn}')`,
    `UPDATE "Odd schema"."Large ""one""" SET "No te" = 'changed ${turn}' WHERE id = ${200 + (turn % 19000)}`,
    `DELETE FROM "Odd schema"."Large ""one""" WHERE id = ${101 + (turn % 90)}`,
    `UPDATE small SET note = '${turn}' WHERE id = ${1 + (turn % 100)}`,
  ].join('; ');

const createWorld = async (
  [from, to]: MajorPair,
  method: 'pg_dump' | 'basebackup',
): Promise<World> => {
  const publisher = await (await cluster.server(from)).createDatabase();
  const subscriber = await (await cluster.server(to)).createDatabase();
  onTestFinished(async () => {
    await subscriber.drop();
    await publisher.drop();
  });
  await publisher.query(definitions);
  await subscriber.query(definitions);
  await publisher.query(rows);
  const connections = { publisher: publisher.url, subscriber: subscriber.url };
  const project = await createProject(connections, {
    publications: {
      everything: {
        node: 'publisher',
        tables: ['"Odd schema"."Large ""one"""', 'small', 'ledger'],
      },
    },
    subscriptions: {
      feed: {
        node: 'subscriber',
        source: 'publisher',
        publications: ['everything'],
        slot: `feed_${publisher.name}`,
        init: { large_table_threshold: '1MB', large_table_method: method },
      },
    },
  });
  const using = (program: string): Project => project.withEnvironment({ STEEP_PG_DUMP: program });
  return { project, publisher, subscriber, using };
};

const assertSynchronized = async (world: World, project: Project): Promise<void> => {
  await waitForSameRows(world.publisher, world.subscriber, tables);
  const [shape] = await world.subscriber.query(
    `SELECT (SELECT count(*)::int FROM pg_indexes WHERE schemaname = 'Odd schema') AS indexes,
            (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND convalidated) AS keys`,
  );
  expect(shape).toEqual({ indexes: 2, keys: 1 });
  const again = await project.steep('plan', '--detailed-exitcode');
  expect(again.stdout).toMatch(/^No changes\. /m);
  expect(again.code).toBe(0);
};

const readable = ([from]: MajorPair): boolean => realPgDump !== null && realPgDump.major >= from;
if (realPgDump === null) {
  process.stdout.write('No pg_dump in PATH: the real one is not tested, only a scripted one.\n');
}

test.each([
  ...fewPairs.map((pair) => [...pair, 'scripted'] as const),
  ...pairs.filter(readable).map((pair) => [...pair, 'real'] as const),
])('%i to %i while an application writes, by a %s pg_dump', async (from, to, kind) => {
  const world = await createWorld([from, to], 'pg_dump');
  const program = kind === 'real' ? (realPgDump?.program ?? '') : fakePgDump();
  const project = world.using(program);
  const planned = await project.steep('plan');
  expect(planned.stdout).toMatch(
    /table "Odd schema"\."Large ""one""" .*# initial copy with pg_dump, for feed/,
  );
  expect(planned.stdout).toMatch(/table public\.small .*# initial copy, for feed/);

  const writer = await startWriter(world.publisher, write);
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await writer.stop();
  expect(writer.written()).toBeGreaterThan(0);
  if (kind === 'scripted') {
    const asked = await readFile(`${program}.ran`, 'utf8');
    expect(asked).toContain(`--table="Odd schema"."Large ""one"""`);
    expect(asked).not.toContain('"small"');
    expect(asked).not.toContain(world.publisher.conninfo.get('password') ?? 'none');
  }
  await assertSynchronized(world, project);
});

test('columns cannot swap their names while pg_dump reads, and swap them back', async () => {
  const world = await createWorld([newestMajor, newestMajor], 'pg_dump');
  const table = `"Odd schema"."Large ""one"""`;
  for (const database of [world.publisher, world.subscriber])
    await database.query(`ALTER TABLE ${table} ADD COLUMN other text`);
  await world.publisher.query(`UPDATE ${table} SET other = 'other ' || id`);
  const beside = [
    `ALTER TABLE ${table} RENAME "No te" TO q`,
    `ALTER TABLE ${table} RENAME other TO "No te"`,
    `ALTER TABLE ${table} RENAME q TO other`,
  ].join('; ');
  const project = world.using(fakePgDump({ beside }));
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await assertSynchronized(world, project);
});

test('a pg_dump that dies midway fails the run; the same command again finishes it', async () => {
  const world = await createWorld([newestMajor, newestMajor], 'pg_dump');
  const writer = await startWriter(world.publisher, write);
  const dying = world.using(fakePgDump({ stopAfterBytes: 300_000 }));
  const failed = await dying.steep('apply', '--auto-approve');
  expect(failed.code, failed.stdout).toBe(6);
  expect(failed.stdout + failed.stderr).toContain('PG_DUMP_FAILED');
  const password = world.publisher.conninfo.get('password') ?? 'none';
  expect(failed.stdout + failed.stderr).not.toContain(password);
  const project = world.using(fakePgDump());
  const again = await project.steep('apply', '--auto-approve');
  expect(again.code, again.stdout + again.stderr).toBe(0);
  await writer.stop();
  await assertSynchronized(world, project);
});

const programs = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fake pg_dump'`;

test.each(['SIGINT', 'SIGKILL'] as const)(
  'after %s no pg_dump is left, and a copy starts again',
  async (signal) => {
    const world = await createWorld([newestMajor, newestMajor], 'pg_dump');
    const wrong: FakeDump = {
      stopAfterBytes: 300_000,
      how: signal === 'SIGINT' ? 'hang' : 'trickle',
    };
    const run = world.using(fakePgDump(wrong)).start('apply', '--auto-approve', '--json');
    await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'copy-tables');
    await expect.poll(() => world.publisher.query(programs), { timeout: 30_000 }).toHaveLength(1);
    run.kill(signal);
    const { code } = await run.result;
    expect(code).toBe(signal === 'SIGINT' ? 130 : null);
    await expect.poll(() => world.publisher.query(programs), { timeout: 30_000 }).toEqual([]);
    const project = world.using(fakePgDump());
    const again = await project.steep('apply', '--auto-approve', '--wait-for-lock', '30s');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await assertSynchronized(world, project);
  },
);

test.each([
  ['PG_DUMP_MISSING', '/nowhere/pg_dump'],
  ['PG_DUMP_TOO_OLD', null],
] as const)('%s blocks before anything is changed', async (code, program) => {
  const world = await createWorld([newestMajor, newestMajor], 'pg_dump');
  const old = program ?? fakePgDump({ version: '13.11 (Debian 13.11-1.pgdg110+1)' });
  const project = world.using(old);
  const planned = await project.steep('plan');
  expect(planned.code).toBe(0);
  expect(planned.stdout).toContain(code);
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code).toBe(3);
  expect(
    await world.publisher.query(`SELECT FROM pg_namespace WHERE nspname = 'steep_repl'`),
  ).toEqual([]);
});

test('basebackup hands over: the rest is applied, and the commands are told', async () => {
  const world = await createWorld([newestMajor, newestMajor], 'basebackup');
  const applied = await world.project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  expect(applied.stdout).toContain('INIT_BY_HAND');
  expect(applied.stdout).toContain('pg_basebackup --dbname="$PUBLISHER_URL"');
  expect(await world.subscriber.query(`SELECT FROM small`)).toEqual([]);

  const edge = ['subscriber', '--from', 'publisher', '--subscription', 'feed'];
  const prepared = await world.project.steep(
    'init',
    'prepare',
    ...edge,
    '--no-hold',
    '--evidence',
    'hashes',
  );
  expect(prepared.code, prepared.stdout + prepared.stderr).toBe(0);
  const between = await world.project.steep('plan', '--detailed-exitcode');
  expect([between.code, between.stdout]).toEqual([
    0,
    expect.stringContaining('keeps all changes from'),
  ]);
  expect(between.stdout).toContain(`steep init complete ${edge.join(' ')}`);
  // As a backup that was taken now would bring them: nothing was written since.
  await world.subscriber.query(rows);
  const writer = await startWriter(world.publisher, write);
  const completed = await world.project.steep('init', 'complete', ...edge, '--auto-approve');
  expect(completed.code, completed.stdout + completed.stderr).toBe(0);
  await writer.stop();
  await assertSynchronized(world, world.project);
});
