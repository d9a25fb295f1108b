// The DDL for a subscriber, made from two live databases and run on one of them: afterwards nothing is left
// to do, its rows are there, and what is its own was not touched.

import { describe, expect, test } from 'vitest';
import { formatName } from '../../../src/model/identifier.ts';
import type { SchemaAlignment, SentTable } from '../../../src/model/schema/schema-change.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { alignTables } from '../../../src/schema/engine/align-tables.ts';
import { readFacts } from '../../../src/schema/engine/facts.ts';
import { admit } from '../../../src/schema/gate/admit.ts';
import { fingerprintsOf } from '../../support/plans/schema-reading.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { fewPairs } from '../../support/servers/majors.ts';

const publisher = `
  CREATE SCHEMA billing;
  CREATE SCHEMA other;
  CREATE TYPE billing.mood AS ENUM ('a', 'b');
  CREATE DOMAIN billing.positive AS int CHECK (value > 0);
  CREATE SEQUENCE billing.numbers;
  CREATE FUNCTION other.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE TABLE billing.customers (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL DEFAULT 'x',
    mood billing.mood, positive billing.positive, number int DEFAULT nextval('billing.numbers'));
  CREATE TABLE other.regions (id int PRIMARY KEY);
  CREATE TABLE billing.invoices (
    id bigserial PRIMARY KEY, customer int REFERENCES billing.customers, region int REFERENCES other.regions,
    total numeric(10,2) CHECK (total > 0), twice numeric GENERATED ALWAYS AS (total * 2) STORED,
    one int DEFAULT other.one());
  CREATE INDEX invoices_total ON billing.invoices (total);
  CREATE TABLE billing.days (id int, day int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE billing.days_1 PARTITION OF billing.days FOR VALUES FROM (0) TO (10);
  CREATE INDEX days_day ON billing.days (day);
  CREATE TABLE other.unrelated (id int);
  CREATE PUBLICATION p FOR TABLE billing.customers`;

const sent = (names: readonly string[]): readonly SentTable[] =>
  names.map((name) => {
    const [schema = '', table = ''] = name.split('.');
    return { table: { schema, name: table }, columns: null };
  });

const tables = sent(['billing.customers', 'billing.invoices', 'billing.days']);

const onSession = async <T>(
  { conninfo }: TestDatabase,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const options = { node: 'n', applicationName: 'steep', readOnly: true };
  const session = await openSession(conninfo, options);
  try {
    return await body(session);
  } finally {
    await session.close();
  }
};

const align = async (
  from: TestDatabase,
  to: TestDatabase,
  wanted: readonly SentTable[] = tables,
): Promise<SchemaAlignment> => {
  const facts = await onSession(from, readFacts);
  return onSession(to, async (session) =>
    admit(session, alignTables(await readFacts(session), [{ facts, tables: wanted }])),
  );
};

const inLine: SchemaAlignment = { statements: [], unsupported: [], refused: [] };

const run = async (
  database: TestDatabase,
  { statements, refused }: SchemaAlignment,
): Promise<void> => {
  expect(refused).toEqual([]);
  for (const { sql } of statements) await database.query(sql);
};

describe.each(fewPairs)('PostgreSQL %i to %i', (from, to) => {
  const create = async (subscriber: string): Promise<readonly [TestDatabase, TestDatabase]> => {
    const source = await (await cluster.server(from)).createDatabase();
    const target = await (await cluster.server(to)).createDatabase();
    await source.query(publisher);
    if (subscriber !== '') await target.query(subscriber);
    return [source, target];
  };

  test('an empty subscriber gets what it needs, and nothing else', async () => {
    const [source, target] = await create('');
    const alignment = await align(source, target);
    expect(alignment.statements.filter(({ phase }) => phase === 'after')).toEqual([]);
    expect(alignment.statements.filter(({ inUse }) => inUse)).toEqual([]);
    const code = alignment.statements.flatMap((statement) => statement.code);
    expect(code).toEqual([
      {
        text: expect.stringContaining('CREATE FUNCTION other.one()'),
        why: 'a function that runs with the rights of its caller',
      },
      {
        text: 'ALTER TABLE "billing"."invoices" ADD COLUMN "one" integer DEFAULT other.one()',
        why: 'it calls other.one()',
      },
    ]);
    await run(target, alignment);
    expect(await align(source, target)).toEqual(inLine);
    const rows = await target.query<{ readonly name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
        WHERE relnamespace IN ('billing'::regnamespace, 'other'::regnamespace)
          AND relkind IN ('r', 'p') ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'billing.customers',
      'billing.days',
      'billing.days_1',
      'billing.invoices',
    ]);
    const invalid = await target.query('SELECT 1 FROM pg_index WHERE NOT indisvalid');
    expect(invalid).toEqual([]);
    // The foreign key to a table that is not sent is not part of it.
    const keys = await target.query<{ readonly name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE contype = 'f'`,
    );
    expect(keys.map(({ name }) => name)).toEqual(['invoices_customer_fkey']);
  });

  test('a table that differs is brought in line, and keeps its rows and what is its own', async () => {
    const [source, target] = await create(`
      CREATE SCHEMA billing;
      CREATE TABLE billing.customers (
        id int GENERATED ALWAYS AS IDENTITY (START 2 INCREMENT 2) PRIMARY KEY, name varchar(10) DEFAULT 'y', extra int);
      CREATE INDEX own_index ON billing.customers (name);
      ALTER TABLE billing.customers ADD CONSTRAINT own_check CHECK (name <> '');
      CREATE TABLE billing.local (id int);
      INSERT INTO billing.customers (name) VALUES ('kept')`);
    const alignment = await align(source, target, sent(['billing.customers']));
    const after = alignment.statements.filter(({ phase }) => phase === 'after');
    expect(after.map(({ part, losesData }) => [part, losesData])).toEqual(
      expect.arrayContaining([
        ['column extra', true],
        ['column name', false],
      ]),
    );
    await run(target, alignment);
    expect(await align(source, target, sent(['billing.customers']))).toEqual(inLine);
    expect(await target.query('SELECT name, mood FROM billing.customers')).toEqual([
      { name: 'kept', mood: null },
    ]);
    const own = await target.query(
      `SELECT 1 FROM pg_class WHERE relname IN ('own_index', 'local')
       UNION ALL SELECT 1 FROM pg_constraint WHERE conname = 'own_check'`,
    );
    expect(own).toHaveLength(3);
    // Two nodes that write draw other numbers: what a sequence is told is each node's own.
    expect(
      await target.query(
        'SELECT seqincrement::int AS by FROM pg_sequence WHERE seqrelid = $1::regclass',
        ['billing.customers_id_seq'],
      ),
    ).toEqual([{ by: 2 }]);
  });

  test('an index that identifies rows does so on the subscriber too, unless its columns are not sent', async () => {
    const [source, target] = await create('');
    await source.query(`CREATE TABLE other.by_index (a int NOT NULL, b int NOT NULL, c int NOT NULL UNIQUE, d text);
      CREATE TABLE other.by_constraint (LIKE other.by_index INCLUDING ALL);
      CREATE TABLE other.not_sent (LIKE other.by_index INCLUDING ALL);
      CREATE TABLE other.all_columns (LIKE other.by_index);
      CREATE UNIQUE INDEX by_index_ab ON other.by_index (b, a);
      CREATE UNIQUE INDEX not_sent_ab ON other.not_sent (b, a);
      ALTER TABLE other.by_index REPLICA IDENTITY USING INDEX by_index_ab;
      ALTER TABLE other.by_constraint REPLICA IDENTITY USING INDEX by_constraint_c_key;
      ALTER TABLE other.not_sent REPLICA IDENTITY USING INDEX not_sent_ab;
      ALTER TABLE other.all_columns REPLICA IDENTITY FULL`);
    const wanted = [
      ...sent(['other.by_index', 'other.by_constraint', 'other.all_columns']),
      { table: { schema: 'other', name: 'not_sent' }, columns: ['a', 'd'] },
    ];
    await run(target, await align(source, target, wanted));
    expect(await align(source, target, wanted)).toEqual(inLine);
    const rows = await target.query<{ readonly text: string }>(
      `SELECT concat_ws(' ', relname, relreplident, indexrelid::regclass) AS text
         FROM pg_class LEFT JOIN pg_index ON indrelid = pg_class.oid AND indisreplident
        WHERE relnamespace = 'other'::regnamespace AND relkind = 'r' ORDER BY relname`,
    );
    expect(rows.map(({ text }) => text)).toEqual([
      'all_columns d',
      'by_constraint i other.by_constraint_c_key',
      'by_index i other.by_index_ab',
      'not_sent d',
    ]);
  });

  test('domains, ranges and collations come as the publisher has them now', async () => {
    const [source, target] = await create('');
    await source.query(`
      SET search_path = other;
      CREATE SEQUENCE numbers;
      CREATE DOMAIN number AS bigint DEFAULT nextval('numbers');
      CREATE FUNCTION apart(time, time) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 1.0::float8';
      CREATE TYPE hours AS RANGE (subtype = time, subtype_diff = apart, multirange_type_name = "Hours");
      CREATE COLLATION german (provider = icu, locale = 'de-u-co-phonebk'${from < 16 ? '' : `, rules = '&V << w'`});
      CREATE TABLE t (many "Hours", number number, name text COLLATE german, one hours);
      CREATE TABLE nothing ();
      CREATE TABLE child () INHERITS (t, nothing);
      CREATE TABLE merging (name text COLLATE german) INHERITS (t)`);
    const wanted = sent(['other.t']);
    await run(target, await align(source, target, wanted));
    const [made] = await fingerprintsOf(target);
    const published = await fingerprintsOf(source);
    expect(made?.replication).toEqual(
      published.find(({ name }) => formatName(name) === 'other.t')?.replication,
    );
    const { refused } = await align(source, target, sent(['other.child', 'other.merging']));
    expect(refused.map(({ object }) => object.name)).toEqual(['other.child', 'other.merging']);
  });

  test('only the columns that are sent', async () => {
    const [source, target] = await create('');
    const columns = [{ table: { schema: 'billing', name: 'invoices' }, columns: ['id', 'total'] }];
    await run(target, await align(source, target, columns));
    const rows = await target.query<{ readonly name: string }>(
      `SELECT attname AS name FROM pg_attribute
        WHERE attrelid = 'billing.invoices'::regclass AND attnum > 0 ORDER BY attnum`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['id', 'total']);
    expect((await align(source, target, columns)).statements).toEqual([]);
  });
});
