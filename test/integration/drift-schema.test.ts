// Drift of tables on real servers: what is reported, with which cure, and what is no drift.

import { beforeAll, describe, expect, test } from 'vitest';
import { cluster } from '../support/servers/cluster.ts';
import { pairs } from '../support/servers/majors.ts';
import {
  both,
  brief,
  close,
  newest,
  nothing,
  publishing,
  same,
  schema,
} from '../support/worlds/drift-tables.ts';
import { createDriftWorld, type DriftWorld } from '../support/worlds/drift-world.ts';
import { installMetadata } from './catalog/metadata.ts';

const tested = pairs.filter(([from, to]) => from === 14 && to === 18);

describe.each(tested)('PostgreSQL %i to %i', (from, to) => {
  let world: DriftWorld;

  beforeAll(async () => {
    const [publisher, subscriber] = [await cluster.server(from), await cluster.server(to)];
    const table = `CREATE TYPE mood AS ENUM ('sour', 'fine');
      CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood DEFAULT 'fine',
        at timestamptz DEFAULT now() - interval '1 day', gone int, price numeric(10,2) NOT NULL CHECK (price > 0),
        twice numeric GENERATED ALWAYS AS (price * 2) STORED);
      CREATE INDEX things_at ON things (at)`;
    world = await createDriftWorld(publisher, subscriber, publishing(['things']), same(table));
    return () => close(world);
  });

  test.each([
    ['another search_path', 'ALTER DATABASE $db SET search_path = pg_catalog, nowhere'],
    [
      'other settings',
      `ALTER DATABASE $db SET DateStyle = 'SQL, DMY'; ALTER DATABASE $db SET TimeZone = 'Asia/Tokyo';
      ALTER DATABASE $db SET quote_all_identifiers = on; ALTER DATABASE $db SET IntervalStyle = 'sql_standard'`,
    ],
    ['a column that came and went', 'ALTER TABLE things ADD x int; ALTER TABLE things DROP x'],
    ['VACUUM FULL', 'VACUUM FULL things'],
    ['ANALYZE', 'ANALYZE things'],
    ['storage parameters', 'ALTER TABLE things SET (fillfactor = 70)'],
    ['a comment', `COMMENT ON TABLE things IS 'x'`],
    [
      'a trigger',
      `CREATE TRIGGER t BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    ],
    ['a view', 'CREATE VIEW seen AS SELECT * FROM things'],
    ['a constraint renamed', 'ALTER TABLE things RENAME CONSTRAINT things_price_check TO dear'],
    ['an index renamed', 'ALTER INDEX things_at RENAME TO things_when'],
  ])('no drift: %s', async (_what, statements) => {
    for (const database of both(world)) {
      for (const statement of statements.split(';')) {
        await database.query(statement.replaceAll('$db', database.name));
      }
    }
    expect(await world.drift(schema)).toMatchObject(nothing);
  });

  test('no drift: restored into another major', async () => {
    const script = await world.steep(['schema', 'export', '--node', 'primary']);
    expect(script.code, script.stderr).toBe(0);
    const restored = await (await cluster.server(to)).createDatabase();
    await restored.query(script.stdout);
    await installMetadata(restored);
    for (const table of ['nodes', 'objects', 'schema_fingerprints']) {
      const rows = await world.primary.query<{ readonly row: string }>(
        `SELECT to_json(t)::text AS row FROM steep_repl.${table} AS t`,
      );
      for (const { row } of rows) {
        await restored.query(
          `INSERT INTO steep_repl.${table} SELECT * FROM json_populate_record(NULL::steep_repl.${table}, $1)`,
          [row],
        );
      }
    }
    const environment = { PRIMARY_URL: restored.url };
    const report = await world.drift(schema, { environment });
    expect(report).toMatchObject(nothing);
    expect(report.classes[0]?.addresses).toHaveLength(2);
  });

  test('a label of an enum, on both: each node is not what it was, and they agree', async () => {
    for (const database of both(world)) await database.query(`ALTER TYPE mood ADD VALUE 'glad'`);
    expect(brief(await world.drift(schema))).toEqual([
      ['primary/things', 'SCHEMA_CHANGED', ['type public.mood']],
      ['reporting/things', 'SCHEMA_CHANGED', ['type public.mood']],
    ]);
  });
});

test('what the ends did not share when they were applied is no drift, and what is new is', async () => {
  const world = await newest(publishing(['a', 'b']), {
    primary:
      'CREATE TABLE a (id int PRIMARY KEY, t text); CREATE TABLE b (id int PRIMARY KEY, t text)',
    reporting: `CREATE TABLE a (id int PRIMARY KEY, t text, own int); CREATE INDEX a_own ON a (own);
      CREATE TABLE b (id int PRIMARY KEY, t text)`,
  });
  expect(await world.drift(schema)).toMatchObject(nothing);
  await world.reporting.query('ALTER TABLE b ADD own int; ALTER TABLE a ADD must int NOT NULL');
  expect(brief(await world.drift(schema))).toEqual([
    ['reporting/a', 'SCHEMA_CHANGED', ['column must']],
    ['reporting/a', 'SCHEMA_DIFFERS', ['column must']],
    ['reporting/b', 'SCHEMA_CHANGED', ['column own']],
    ['reporting/b', 'SCHEMA_DIFFERS', ['column own']],
  ]);
  const [, stops, , silent] = (await world.drift(schema)).findings;
  expect(stops?.summary).toContain('this stops apply');
  expect(silent?.summary).toContain('the nodes will have different data');
  await close(world);
});

test('changed on purpose on both ends: nothing to plan, and what drift says to type ends it', async () => {
  const world = await newest();
  for (const database of both(world)) await database.query('ALTER TABLE customers ADD email text');
  const report = await world.drift(schema);
  expect(brief(report)).toEqual([
    ['primary/customers', 'SCHEMA_CHANGED', ['column email']],
    ['reporting/customers', 'SCHEMA_CHANGED', ['column email']],
  ]);
  expect(report.findings[0]?.details).toEqual([
    { field: 'column email', before: 'none', after: 'email text' },
  ]);
  expect((await world.steep(['plan'])).stdout).toContain('No changes.');
  expect((await world.steep(['apply'])).code).toBe(0);
  expect(brief(await world.drift(schema))).toEqual(brief(report));
  for (const { cure } of report.findings) {
    const [, command = ''] = /^To keep it: steep (.*)$/m.exec(cure.join('\n')) ?? [];
    expect((await world.steep(command.split(' '))).code).toBe(0);
  }
  expect(await world.drift(schema)).toMatchObject(nothing);
  await close(world);
});

test('a table that is gone', async () => {
  const world = await newest();
  await world.reporting.query('DROP TABLE customers');
  const report = await world.drift(schema);
  expect(brief(report)).toEqual([
    ['reporting/customers', 'SCHEMA_CHANGED', []],
    ['reporting/customers', 'SCHEMA_DIFFERS', ['table']],
  ]);
  expect(report.findings[0]?.summary).toMatch(
    /^The table public\.customers was recorded on 2.*, and no longer exists\.$/,
  );
  await world.steep(['schema', 'capture', '--node', 'reporting', '--tables', 'customers']);
  expect(brief(await world.drift(schema))).toEqual([
    ['reporting/customers', 'SCHEMA_DIFFERS', ['table']],
  ]);
  await close(world);
});

test('columns that are not sent count on their own node only', async () => {
  const world = await newest();
  await world.primary.query('ALTER TABLE orders DROP note, ADD other int NOT NULL');
  expect(brief(await world.drift(schema))).toEqual([
    ['primary/orders', 'SCHEMA_CHANGED', ['column note', 'column other']],
  ]);
  await world.reporting.query('ALTER TABLE orders ALTER total TYPE smallint');
  expect(brief(await world.drift(schema))).toEqual([
    ['primary/orders', 'SCHEMA_CHANGED', ['column note', 'column other']],
    ['reporting/orders', 'SCHEMA_CHANGED', ['type of column total']],
    ['reporting/orders', 'SCHEMA_DIFFERS', ['type of column total']],
  ]);
  await close(world);
});

const partitioned = `CREATE TABLE m (at int PRIMARY KEY, v int) PARTITION BY RANGE (at);
  CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (10);
  CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (10) TO (20)`;

test('a partitioned table through its root, into a plain one', async () => {
  const world = await newest(publishing(['m'], { publish_via_partition_root: true }), {
    primary: partitioned,
    reporting: 'CREATE TABLE m (at int PRIMARY KEY, v int)',
  });
  const report = await world.drift(schema);
  expect(report).toMatchObject(nothing);
  expect(report.classes[0]?.addresses).toEqual([
    'primary/table.public.m',
    'reporting/table.public.m',
  ]);
  await world.primary.query(
    'CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (20) TO (30); DROP TABLE m1',
  );
  expect(await world.drift(schema)).toMatchObject(nothing);
  await world.primary.query('ALTER TABLE m ADD w int');
  expect(brief(await world.drift(schema))).toEqual([
    ['primary/m', 'SCHEMA_CHANGED', ['column w']],
    ['reporting/m', 'SCHEMA_DIFFERS', ['column w']],
  ]);
  await close(world);
});

test('partitions one by one: a new one is not on record yet, one that left is missed', async () => {
  const world = await newest(publishing(['m']), same(partitioned));
  expect((await world.drift(schema)).classes[0]?.addresses).toHaveLength(4);
  for (const database of both(world)) {
    await database.query(
      'CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (20) TO (30); DROP TABLE m1',
    );
  }
  const report = await world.drift(schema);
  expect(brief(report)).toEqual([
    ['primary/m1', 'SCHEMA_CHANGED', []],
    ['reporting/m1', 'SCHEMA_CHANGED', []],
  ]);
  expect(report.unchecked.map(({ address }) => address)).toEqual([
    'primary/table.public.m3',
    'reporting/table.public.m3',
  ]);
  expect((await world.steep(['apply', '--auto-approve'])).code).toBe(0);
  expect(await world.drift(schema)).toMatchObject(nothing);
  await close(world);
});
