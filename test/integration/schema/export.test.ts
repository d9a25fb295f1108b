// What export writes, run on an empty database of any major, gives equal fingerprints; where it cannot, it says why.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSession } from '../../../src/postgres/session.ts';
import { createStatements } from '../../../src/schema/ddl/export-script.ts';
import { readDefinitions } from '../../../src/schema/read-definitions.ts';
import { readSequences } from '../../../src/schema/read-sequences.ts';
import { allTables } from '../../../src/schema/scope.ts';
import { besidesPasswordWarning, runCli } from '../../support/cli.ts';
import { ddlOf, randomTable } from '../../support/plans/random-tables.ts';
import { corpus, corpusFor } from '../../support/plans/schema-corpus.ts';
import { fingerprintsOf } from '../../support/plans/schema-reading.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';

interface Exported {
  readonly sql: string;
  readonly since: number | null;
  readonly requires: readonly string[];
  readonly left_out: readonly string[];
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
}

async function exported({ url }: TestDatabase, ...flags: readonly string[]): Promise<Exported> {
  const { code, stdout, stderr } = await runCli([
    'schema',
    'export',
    '-c',
    url,
    '--json',
    ...flags,
  ]);
  expect([code, besidesPasswordWarning(stderr)]).toEqual([0, '']);
  return JSON.parse(stdout) as Exported;
}

/** The operator of the corpus, which an export does not write. */
const code = corpus[0]?.ddl ?? '';

const oldest = majors[0] ?? newestMajor;

test.each(endsByDay(majors))(
  'the corpus of PostgreSQL %i, re-created on every major',
  async (major) => {
    // What every major takes; or what only this one does, on itself.
    for (const [ddl, targets] of [
      [corpusFor(oldest), majors],
      [corpusFor(major), [major]],
    ] as const) {
      const source = await cluster.database(major);
      await source.query(ddl);
      const { sql, requires, left_out } = await exported(source);
      expect(requires).toEqual(['operator shop.<+>(integer,integer)']);
      expect(left_out).toEqual([]);
      for (const target of targets) {
        const made = await cluster.database(target);
        await made.query(code);
        await made.query(sql);
        expect(await fingerprintsOf(made), `on PostgreSQL ${target}`).toEqual(
          await fingerprintsOf(source),
        );
        await made.drop();
      }
    }
  },
);

test('the sequences of tables come with them, as they are', async () => {
  const source = await cluster.database(newestMajor);
  const made = await cluster.database(oldest);
  const ddl = `CREATE SEQUENCE numbers AS integer START 7 INCREMENT -2 MINVALUE -9 MAXVALUE 70 CACHE 3 CYCLE;
    CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME odd START 100 INCREMENT 10), s serial,
      n int DEFAULT nextval('numbers'))`;
  await source.query(ddl);
  const { sql, sequences } = await exported(source);
  expect(sequences).toEqual(['public.numbers', 'public.odd', 'public.t_s_seq']);
  await made.query(sql);
  const all = `SELECT s.*, pg_get_serial_sequence('public.t', 's') AS serial, pg_get_serial_sequence('public.t', 'id') AS identity
                 FROM pg_sequences AS s ORDER BY sequencename`;
  expect(await made.query(all)).toEqual(await source.query(all));
});

test('a script for a newer server makes nothing on an older one, and says why', async () => {
  const source = await cluster.database(newestMajor);
  await source.query(`CREATE TABLE a (id int); CREATE TABLE b (id int, x int GENERATED ALWAYS AS (id * 2) VIRTUAL,
    note text DEFAULT ' NOT ENFORCED')`);
  const { sql, since } = await exported(source);
  expect(since).toBe(18);
  const made = await cluster.database(oldest);
  // As psql sends it: a statement at a time.
  const errors: unknown[] = [];
  for (const statement of sql.split(';\n'))
    await made.query(statement).catch((it: unknown) => errors.push(it));
  expect(errors[0]).toMatchObject({
    message: 'This script needs PostgreSQL 18 (public.b: a virtual generated column).',
    code: '0A000',
  });
  expect(await fingerprintsOf(made)).toEqual([]);
});

test('what leads out of the tables asked for is left out, and what is not written is named', async () => {
  const source = await cluster.database(newestMajor);
  await source.query(corpusFor(newestMajor));
  const some = await runCli([
    'schema',
    'export',
    '-c',
    source.url,
    '--tables',
    'shop.orders,shop.measures_1,shop.expressions',
  ]);
  expect(some.code).toBe(0);
  expect(some.stderr).toContain('EXPORT_LEFT_OUT');
  expect(some.stderr).toContain('shop.customers is not exported');
  expect(some.stderr).toContain('shop.measures_1 belongs to shop.measures');
  expect(some.stderr).toContain('EXPORT_REQUIRES');
  expect(some.stdout).toContain('--   operator shop.<+>(integer,integer)');
  expect(some.stdout).toContain('--   shop.doubled(integer)');
  const made = await cluster.database(oldest);
  await made.query(code);
  await made.query(some.stdout);
  const names = (await fingerprintsOf(made)).map(({ name }) => name.name);
  expect(names).toEqual(['expressions', 'measures_1', 'orders']);
});

test('generated tables, re-created, are the same', async () => {
  const [source, target] = [await cluster.database(newestMajor), await cluster.database(oldest)];
  const session = await openSession(source.conninfo, { node: 'n', applicationName: 'test' });
  await fc.assert(
    fc.asyncProperty(randomTable, async (table) => {
      await source.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${ddlOf(table)}`);
      await target.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      const [tables, sequences] = [
        await readDefinitions(session, allTables),
        await readSequences(session),
      ];
      const statements = createStatements({ tables, sequences, extensions: [] });
      await target.query(statements.map(({ display }) => display).join(';'));
      expect(await fingerprintsOf(target)).toEqual(await fingerprintsOf(source));
    }),
    { numRuns: 40 },
  );
  await session.close();
});

/** Each has a domain or types of its own, or functions and operator classes that a table uses. */
const extensions: readonly (readonly [name: string, ddl: string])[] = [
  ['lo', 'CREATE TABLE images (id int PRIMARY KEY, raster ext.lo)'],
  ['cube', 'CREATE TABLE cubes (c ext.cube)'],
  ['earthdistance', 'CREATE TABLE places (at ext.earth DEFAULT ext.ll_to_earth(1, 2))'],
  ['pg_trgm', 'CREATE TABLE words (w text); CREATE INDEX ON words USING gin (w ext.gin_trgm_ops)'],
  [
    'hstore',
    `CREATE TABLE stores (h ext.hstore DEFAULT ext.hstore('a', 'b') CHECK (ext.akeys(h) <> '{}'))`,
  ],
  ['citext', 'CREATE DOMAIN email AS ext.citext; CREATE TABLE people (email email UNIQUE)'],
  ['ltree', 'CREATE TABLE trees (path ext.ltree, paths ext.ltree[])'],
];

test.each(lastByDay([...new Set([oldest, newestMajor])]))(
  'PostgreSQL %i: what belongs to an extension comes with the extension',
  async (major) => {
    const source = await cluster.database(major);
    const made = await cluster.database(newestMajor);
    await source.query('CREATE SCHEMA ext; SET search_path = public, ext');
    for (const [name, ddl] of extensions) {
      await source.query(
        `CREATE EXTENSION ${name} SCHEMA ext; SET search_path = public, ext; ${ddl}`,
      );
    }
    const { sql, requires } = await exported(source);
    expect(requires).toEqual([]);
    await made.query(sql);
    expect(await fingerprintsOf(made)).toEqual(await fingerprintsOf(source));
  },
);
