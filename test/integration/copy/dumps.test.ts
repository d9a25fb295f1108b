// Large tables in a copy that come by pg_dump: the same rows, exactly once, and what happens when it fails midway.

import { expect, test } from 'vitest';
import { startDump } from '../../../src/postgres/connect/pg-dump.ts';
import { type FakeDump, fakePgDump, realPgDump } from '../../support/fakes/pg-dumps.ts';
import { hashesOf } from '../../support/hashes.ts';
import { endsByDay, type MajorPair, newestMajor, pairs } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { type CopyStage, copy, hold, names, settle, stage } from './copy-under-test.ts';
import { expectExact, filled, tables } from './two-tables.ts';

const schema = `
  CREATE SCHEMA "Odd ""schema";
  CREATE TABLE "Odd ""schema"."Tab.le *" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Co ""lumn, (x)" text, "select" text, "é" text);
  CREATE TABLE computed (a int PRIMARY KEY, twice int GENERATED ALWAYS AS (a * 2) STORED, gone int, b text);
  ALTER TABLE computed DROP COLUMN gone;
  CREATE TABLE parent (id serial PRIMARY KEY, note text);
  CREATE TABLE child (extra int) INHERITS (parent);
  CREATE TABLE leaves (id int, region text, at date, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
  CREATE TABLE leaves_eu PARTITION OF leaves FOR VALUES IN ('eu');
  CREATE TABLE leaves_us (at date, id int NOT NULL, region text NOT NULL);
  ALTER TABLE leaves ATTACH PARTITION leaves_us FOR VALUES IN ('us');
  CREATE TABLE one_text (t text);
  CREATE TABLE empty_one (a int PRIMARY KEY);
  CREATE TABLE emptied (a int PRIMARY KEY);
  CREATE TABLE no_columns ();
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trigger fired'; END $$;`;

const rows = `
  INSERT INTO "Odd ""schema"."Tab.le *" ("Co ""lumn, (x)", "select", "é")
    SELECT E'tab\\t, new\\nline, back\\\\slash, \\\\N ' || n, NULLIF('ü' || n % 3, 'ü1'), '\\.' FROM generate_series(1, 3000) n;
  INSERT INTO computed (a, b) SELECT n, repeat('b', 200) FROM generate_series(1, 5000) n;
  INSERT INTO parent (note) SELECT 'parent' FROM generate_series(1, 1000) n;
  INSERT INTO child SELECT n, 'child', n FROM generate_series(1, 1000) n;
  INSERT INTO leaves SELECT n, CASE n % 3 WHEN 0 THEN 'us' ELSE 'eu' END, '2026-01-01'::date + n % 90 FROM generate_series(1, 9000) n;
  INSERT INTO one_text VALUES ('\\.'), (E'\\n\\\\.\\n'), (''), (NULL), ('COPY "a"."b" ("c") FROM stdin;'), (repeat('wide', 3000000));
  INSERT INTO no_columns SELECT FROM generate_series(1, 7);
  INSERT INTO emptied VALUES (1);
  DELETE FROM emptied;`;

const published = [
  ...names('computed', 'parent', 'child', 'leaves', 'one_text', 'empty_one', 'emptied'),
  ...names('no_columns'),
  { schema: 'Odd "schema', name: 'Tab.le *' },
];

const dumpsOf = ({ source }: CopyStage, program: string) => ({
  tables: published,
  open: (request: Parameters<typeof startDump>[1]) =>
    startDump(
      {
        node: 'source',
        conninfo: source.conninfo,
        applicationName: 'steep dump',
        environment: { ...process.env, STEEP_PG_DUMP: program, PGDATABASE: 'elsewhere' },
      },
      request,
    ),
});

const readable = (pair: MajorPair): boolean => realPgDump !== null && realPgDump.major >= pair[0];
if (realPgDump === null) {
  process.stdout.write('No pg_dump in PATH: the real one is not tested, only a scripted one.\n');
}

test.each([
  ...endsByDay(pairs).map((pair) => [...pair, 'scripted'] as const),
  ...endsByDay(pairs.filter(readable)).map((pair) => [...pair, 'real'] as const),
])('%i to %i, by a %s pg_dump: every row arrives', async (from, to, kind) => {
  const it = await stage(schema, [from, to]);
  await it.source.query(rows);
  await it.target.query(
    'CREATE TRIGGER each_row BEFORE INSERT ON computed FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
  await it.source.query('ALTER PUBLICATION everything SET (publish_via_partition_root = true)');
  const program = kind === 'real' ? (realPgDump?.program ?? '') : fakePgDump();
  const snapshot = await hold(it);
  await it.source.query('DELETE FROM computed WHERE a > 100');
  await it.source.query("INSERT INTO leaves VALUES (0, 'eu', now())");
  const result = await copy(it, snapshot, published, { dumps: dumpsOf(it, program) });

  await it.source.query(
    `INSERT INTO computed (a, b) SELECT n, repeat('b', 200) FROM generate_series(101, 5000) n`,
  );
  await it.source.query('DELETE FROM leaves WHERE id = 0');
  const same = published.filter(({ name }) => name !== 'one_text');
  expect(await hashesOf(it.target, same)).toEqual(await hashesOf(it.source, same));
  expect(await it.target.query('SELECT count(*)::int AS n FROM no_columns')).toEqual([{ n: 7 }]);
  expect(await it.target.query('SELECT count(*)::int AS n FROM ONLY parent')).toEqual([
    { n: 1000 },
  ]);
  const texts = await it.target.query('SELECT left(t, 40) AS t FROM one_text ORDER BY length(t)');
  expect(texts.map(({ t }) => t)).toEqual([
    '',
    '\\.',
    '\n\\.\n',
    'COPY "a"."b" ("c") FROM stdin;',
    'wide'.repeat(10),
    null,
  ]);
  const checkpoints = await it.target.query(
    `SELECT table_name, sum(rows)::int AS rows, count(*)::int AS chunks FROM steep_repl.copy_chunks
      WHERE table_name IN ('computed', 'leaves', 'Tab.le *') GROUP BY 1 ORDER BY 1`,
  );
  expect(checkpoints).toEqual([
    { table_name: 'Tab.le *', rows: 3000, chunks: 1 },
    { table_name: 'computed', rows: 5000, chunks: 1 },
    { table_name: 'leaves', rows: 9000, chunks: 2 },
  ]);
  expect(result.heard.tables.filter(({ kind: what }) => what === 'completed')).toHaveLength(
    published.length,
  );
  const last = result.heard.progress.at(-1);
  expect(last).toMatchObject({ phase: 'finishing', percent: 100, rowsCopied: result.rows });
});

/** The large table by a pg_dump that goes wrong; the small one is copied by steep. */
const broken = async (wrong: FakeDump, signal = new AbortController().signal) => {
  const it = await filled();
  const snapshot = await hold(it);
  const dumps = { ...dumpsOf(it, fakePgDump(wrong)), tables: names('large') };
  const run = copy(it, snapshot, tables, { dumps, signal, workers: 1 });
  run.catch(() => undefined);
  return { it, run };
};

test('pg_dump that fails midway leaves no row; its words are told, without secrets', async () => {
  const { it, run } = await broken({ stopAfterBytes: 100_000 });
  await expect(run).rejects.toMatchObject({
    code: 'PG_DUMP_FAILED',
    message: expect.stringMatching(
      /^Node source: pg_dump of public\.large failed \(exit 1\): pg_dump: error: no space left, password=\*\*\*$/,
    ) as unknown,
  });
  expect(await it.target.query('SELECT FROM large LIMIT 1')).toEqual([]);
  expect(
    await it.target.query(`SELECT FROM steep_repl.copy_chunks WHERE table_name = 'large'`),
  ).toEqual([]);
  await settle(it, tables);
});

test('output that is cut off is noticed, though the program says that all is well', async () => {
  const { it, run } = await broken({ stopAfterBytes: 100_000, how: 'cut' });
  await expect(run).rejects.toMatchObject({
    code: 'PG_DUMP_FAILED',
    message: expect.stringContaining('was truncated') as unknown,
  });
  expect(await it.target.query('SELECT FROM large LIMIT 1')).toEqual([]);
});

const dumping = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fake pg_dump'`;

test('an interrupt ends the program too', async () => {
  const interrupt = new AbortController();
  const { it, run } = await broken({ stopAfterBytes: 100_000, how: 'hang' }, interrupt.signal);
  await waitFor('pg_dump', async () => (await it.source.query(dumping)).length > 0);
  interrupt.abort();
  await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await waitFor('its end', async () => (await it.source.query(dumping)).length === 0);
});

test('so does the loss of the connection that stores its rows; then it is tried again', async () => {
  const { it, run } = await broken({ stopAfterBytes: 100_000, how: 'hang' });
  const storing = `SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'steep target' AND query LIKE 'COPY public.large%'`;
  const pids = async () =>
    it.source.query<{ readonly pid: number }>(dumping.replace('SELECT', 'SELECT pid'));
  await waitFor('pg_dump', async () => (await pids()).length > 0);
  const [first] = await pids();
  await waitFor('the rows', async () => (await it.target.query(storing)).length > 0);
  await waitFor('another', async () => {
    const [now] = await pids();
    return now !== undefined && now.pid !== first?.pid;
  });
  await it.source.query(`SELECT pg_drop_replication_slot('${it.slot}')`);
  await expect(run).rejects.toMatchObject({ code: 'COPY_SLOT_LOST' });
  await waitFor('its end', async () => (await pids()).length === 0);
});

test('a program that is not there is an error, and not a crash', async () => {
  const it = await filled();
  const dumps = { ...dumpsOf(it, '/nowhere/pg_dump'), tables: names('large') };
  await expect(copy(it, await hold(it), tables, { dumps })).rejects.toMatchObject({
    code: 'PG_DUMP_FAILED',
    message: expect.stringContaining('cannot be run') as unknown,
  });
});

test.runIf(newestMajor >= 15)(
  'a table of which only some rows are published comes without it',
  async () => {
    const it = await filled();
    await it.source.query(`CREATE PUBLICATION partly FOR TABLE large WHERE (id > 19000), small`);
    const dumps = { ...dumpsOf(it, '/nowhere/pg_dump'), tables: names('large') };
    const result = await copy(it, await hold(it), tables, { dumps, publications: ['partly'] });
    expect(result.rows).toBe(4000);
  },
);

test('with the others, exactly once', async () => {
  const it = await filled();
  await copy(it, await hold(it), tables, {
    dumps: { ...dumpsOf(it, fakePgDump()), tables: names('large') },
  });
  await expectExact(it);
});
