// A copy of every kind of table: rows, sequences, schema and copy checkpoints afterwards.

import { expect, test } from 'vitest';
import { formatName, type QualifiedName } from '../../../src/model/identifier.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { hashesOf } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';
import { endsByDay, pairs } from '../../support/servers/majors.ts';
import { copy, hold, publication, stage } from './copy-under-test.ts';

const schema = `
  CREATE SCHEMA "Odd schema";
  CREATE TYPE mood AS ENUM ('low', 'high');
  CREATE TYPE pair AS (a int, b text);
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE SEQUENCE shared_numbers;
  CREATE TABLE "Odd schema"."Tab ""le" ("select" int PRIMARY KEY, "Co ""lumn" text, "é" text);
  CREATE TABLE no_key (a int, b text);
  CREATE TABLE empty_one (a int PRIMARY KEY);
  CREATE TABLE no_columns ();
  CREATE TABLE built_in (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b bool, n numeric, f float8, t timestamptz, d date, j json, jb jsonb,
    u uuid, ip inet, raw bytea, bits varbit, p point, m money, r int4range, texts text[], numbers numeric(6,2)[], x xid8);
  CREATE TABLE user_types (id serial PRIMARY KEY, m mood, p pair, d positive, ms mood[], c regclass, i interval, x xml);
  CREATE SEQUENCE counted; CREATE DOMAIN counter AS int DEFAULT nextval('counted');
  CREATE TABLE enums (id int DEFAULT nextval('shared_numbers'), m mood, d positive, counter counter);
  CREATE TABLE computed (a int PRIMARY KEY, twice int GENERATED ALWAYS AS (a * 2) STORED, gone int, b text);
  ALTER TABLE computed DROP COLUMN gone;
  CREATE TABLE wide_rows (id int PRIMARY KEY, body text);
  CREATE TABLE parent (id int PRIMARY KEY, note text);
  CREATE TABLE child (extra int) INHERITS (parent);
  CREATE TABLE leaves (id int, region text, at date, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
  CREATE TABLE leaves_eu PARTITION OF leaves FOR VALUES IN ('eu') PARTITION BY HASH (id);
  CREATE TABLE leaves_eu_0 PARTITION OF leaves_eu FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE leaves_eu_1 PARTITION OF leaves_eu FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  CREATE TABLE leaves_us (at date, id int NOT NULL, region text NOT NULL);
  ALTER TABLE leaves ATTACH PARTITION leaves_us FOR VALUES IN ('us');
  CREATE TABLE bare_root (id int) PARTITION BY LIST (id);
  CREATE TABLE hen (id int PRIMARY KEY, egg int);
  CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen DEFERRABLE INITIALLY DEFERRED, twin int REFERENCES egg);
  ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg DEFERRABLE INITIALLY DEFERRED;
  CREATE TABLE guarded (id int PRIMARY KEY);
  ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
  DO $$ BEGIN
    EXECUTE 'CREATE TABLE columns_1600 (' || (SELECT string_agg('c' || n || ' bool', ', ') FROM generate_series(1, 1600) n) || ')';
  END $$;
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trigger fired'; END $$;`;

const triggers = `
  CREATE TRIGGER each_row BEFORE INSERT ON no_key FOR EACH ROW EXECUTE FUNCTION refuse();
  CREATE TRIGGER each_row BEFORE INSERT ON leaves_us FOR EACH ROW EXECUTE FUNCTION refuse();
  CREATE TRIGGER each_load AFTER INSERT ON built_in EXECUTE FUNCTION refuse();`;

const rows = `
  INSERT INTO "Odd schema"."Tab ""le" SELECT n, E'tab\\t, new\\nline, back\\\\slash, \\\\N ' || n, NULLIF('ü' || n % 3, 'ü1') FROM generate_series(1, 500) n;
  INSERT INTO no_key SELECT 1, 'the same' FROM generate_series(1, 3000);
  INSERT INTO no_columns SELECT FROM generate_series(1, 7);
  INSERT INTO built_in (b, n, f, t, d, j, jb, u, ip, raw, bits, p, m, r, texts, numbers, x)
    SELECT n % 2 = 0, CASE n % 3 WHEN 0 THEN 'NaN' WHEN 1 THEN n / 7.0 END, 1.0 / n, now() + n * interval '1 h',
           CASE WHEN n % 5 = 0 THEN 'infinity' ELSE '2026-01-01'::date + n END, '{"a": 1, "a":2}', '{"k": [1, null]}', gen_random_uuid(),
           ('10.0.0.' || n % 250)::inet, sha256(n::text::bytea), n::bit(12), point(n, -n), n, int4range(n, n + 5),
           ARRAY['a', NULL, E'q"\\\\'], '{{1.5,NULL},{3,4}}', n::text::xid8 FROM generate_series(1, 4000) n;
  INSERT INTO user_types (m, p, d, ms, c, i, x) SELECT 'low', (n, 'x"y')::pair, n, '{low,high}', 'no_key'::regclass, n * interval '1 mon 2 d', '<a/>'
    FROM generate_series(1, 2000) n;
  INSERT INTO enums (m, d) SELECT (ARRAY['low', 'high'])[1 + n % 2]::mood, n FROM generate_series(1, 2000) n;
  INSERT INTO computed (a, b) SELECT n, repeat('b', 50) FROM generate_series(1, 5000) n;
  INSERT INTO wide_rows SELECT n, (SELECT string_agg(sha256((n || '.' || k)::bytea)::text, '') FROM generate_series(1, 400) k) FROM generate_series(1, 60) n;
  INSERT INTO wide_rows VALUES (0, repeat('wide', 3000000));
  INSERT INTO parent SELECT n, 'parent' FROM generate_series(1, 1000) n;
  INSERT INTO child SELECT n, 'child', n FROM generate_series(1, 1000) n;
  INSERT INTO leaves SELECT n, CASE n % 3 WHEN 0 THEN 'us' ELSE 'eu' END, '2026-01-01'::date + n % 90 FROM generate_series(1, 9000) n;
  BEGIN;
  INSERT INTO hen SELECT n, n FROM generate_series(1, 3000) n;
  INSERT INTO egg SELECT n, n, CASE WHEN n > 1 THEN n - 1 END FROM generate_series(1, 3000) n;
  COMMIT;
  INSERT INTO guarded SELECT generate_series(1, 100);
  INSERT INTO columns_1600 (c1, c1600) SELECT n % 2 = 0, n % 3 = 0 FROM generate_series(1, 300) n;
  SELECT setval('shared_numbers', 9000);
  DELETE FROM computed WHERE a % 3 = 0;`;

const publishedTables = (database: TestDatabase): Promise<QualifiedName[]> =>
  database.query<{ readonly schema: string; readonly name: string }>(
    `SELECT schemaname AS schema, tablename AS name FROM pg_publication_tables WHERE pubname = '${publication}'
      ORDER BY 1, 2`,
  );

test.each(endsByDay(pairs))(
  '%i to %i: every row arrives, and no sequence falls behind',
  async (from, to) => {
    const it = await stage(schema, [from, to]);
    await it.source.query(rows);
    await it.target.query(triggers);
    await it.target.query(`SELECT setval('user_types_id_seq', 70000)`);
    await it.source.query(
      `ALTER PUBLICATION ${publication} SET (publish_via_partition_root = true)`,
    );
    const tables = await publishedTables(it.source);
    expect(tables.map(formatName)).toContain('public.leaves');

    const result = await copy(it, await hold(it), tables);

    const hashes = await hashesOf(it.source, tables);
    expect(await hashesOf(it.target, tables)).toEqual(hashes);
    // hashTables reads children with their parents, and a table without columns not at all.
    expect(await it.target.query('SELECT count(*) FROM ONLY parent')).toEqual([{ count: '1000' }]);
    expect(await it.target.query('SELECT count(*) FROM no_columns')).toEqual([{ count: '7' }]);
    expect(
      await it.target.query(
        `SELECT (SELECT last_value FROM built_in_id_seq) AS identity, (SELECT last_value FROM user_types_id_seq) AS ahead,
              (SELECT last_value FROM shared_numbers) AS shared, (SELECT last_value FROM counted) AS of_domain`,
      ),
    ).toEqual([{ identity: '4000', ahead: '70000', shared: '9000', of_domain: '2000' }]);
    const [checkpoints] = await it.target.query(
      `SELECT sum(rows)::int AS rows, count(DISTINCT (table_schema, table_name))::int AS tables,
            bool_and(chunks = n) AS complete, (SELECT count(*)::int FROM steep_repl.copy_postponed) AS deferred
       FROM (SELECT *, count(*) OVER (PARTITION BY table_schema, table_name) AS n FROM steep_repl.copy_chunks) AS c`,
    );
    expect(checkpoints).toEqual({
      rows: result.rows,
      tables: tables.length,
      complete: true,
      deferred: 0,
    });
    const events = result.heard.tables;
    for (const kind of ['started', 'completed']) {
      expect(events.filter((event) => event.kind === kind)).toHaveLength(tables.length);
    }
    const last = result.heard.progress.at(-1);
    expect(last).toMatchObject({ phase: 'finishing', percent: 100, rowsCopied: result.rows });
  },
);

test('what binary would not carry between servers travels as text', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  const tables = ['user_types', 'enums', 'built_in'].map((name) => ({ schema: 'public', name }));
  const sent: string[] = [];
  await copy(it, await hold(it), tables, {
    openSource: () =>
      openSession(it.source.conninfo, {
        node: 'source',
        applicationName: 'steep',
        onStatement: (text) => sent.push(text),
      }),
  });
  const format = (table: string): string | undefined =>
    /FORMAT (\w+)/.exec(
      sent.find((text) => text.startsWith('COPY') && text.includes(`public.${table}`)) ?? '',
    )?.[1];
  expect(tables.map(({ name }) => format(name))).toEqual(['text', 'binary', 'binary']);
});
