// Tables of every kind that a fingerprint must understand, as DDL that every major takes, or those from `since` on.

export interface CorpusPart {
  readonly what: string;
  readonly since?: number;
  readonly ddl: string;
}

/** Built-in types that a column can have, and a default of each. */
const builtIn: readonly (readonly [type: string, value: string])[] = [
  ['smallint', '-3'],
  ['integer', '42'],
  ['bigint', '-9223372036854775808'],
  ['numeric', '1.50'],
  ['numeric(10,2)', '0'],
  ['real', '0.1'],
  ['double precision', `'-Infinity'`],
  ['money', '12.34'],
  ['boolean', 'NOT false'],
  ['text', `'it''s \\ "quoted"'`],
  ['varchar', `'a'::text`],
  ['varchar(20)', `'new'`],
  ['char', `'c'`],
  ['char(7)', `'c'`],
  ['"char"', `'c'`],
  ['name', `'n'`],
  ['bytea', `'\\x00ff'`],
  ['date', `'2026-01-31'`],
  ['time', `'10:00'`],
  ['time(3)', 'LOCALTIME(2)'],
  ['timetz', 'CURRENT_TIME'],
  ['timestamp', `now() AT TIME ZONE 'utc'`],
  ['timestamp(0)', 'LOCALTIMESTAMP'],
  ['timestamptz', `'2026-01-31 12:00+02'`],
  ['timestamptz(3)', 'CURRENT_TIMESTAMP(3)'],
  ['interval', `'1 day 02:00'`],
  ['interval(3)', `'1.5 s'`],
  ['interval day to second', `make_interval(days => 1)`],
  ['uuid', 'gen_random_uuid()'],
  ['json', `'{"a": [1, null]}'`],
  ['jsonb', `jsonb_build_object('a', 1)`],
  ['jsonpath', `'$.a'`],
  ['xml', `xmlelement(name a, xmlattributes(1 AS b), 'c')`],
  ['text', `xmlserialize(content '<a/>'::xml AS text)`],
  ['inet', `'10.0.0.1'`],
  ['cidr', `'10.0.0.0/8'`],
  ['macaddr', `'08:00:2b:01:02:03'`],
  ['macaddr8', `'08:00:2b:01:02:03:04:05'`],
  ['bit(3)', `B'101'`],
  ['varbit', `B'101'`],
  ['point', 'point(1,2)'],
  ['line', `'{1,2,3}'`],
  ['lseg', `'[(1,2),(3,4)]'`],
  ['box', `'(1,2),(0,0)'`],
  ['path', `'[(1,2),(3,4)]'`],
  ['polygon', `'((1,2),(3,4))'`],
  ['circle', `'<(1,2),3>'`],
  ['tsvector', `to_tsvector('english', 'a')`],
  ['tsquery', `'a & b'`],
  ['int4range', `'[1,2)'`],
  ['tstzrange', 'tstzrange(now(), NULL)'],
  ['datemultirange', `'{[2026-01-01,2026-02-01)}'`],
  ['oid', '1'],
  ['xid8', `'1'`],
  ['pg_lsn', `'0/1'`],
  ['regclass', `'pg_class'`],
  ['regtype', `'int'`],
  ['integer[]', 'ARRAY[1, NULL]'],
  ['text[][]', `'{{a,b},{c,d}}'`],
  ['numeric(5,1)[]', 'ARRAY[]::numeric[]'],
];

/** Defaults whose text depends on how the server deparses. */
const expressions: readonly string[] = [
  'CASE WHEN true THEN 1 ELSE 2 END',
  'COALESCE(NULLIF(1, 2), GREATEST(1, 2), LEAST(3, 4))',
  'extract(year FROM now())::int',
  `position('a' IN 'ba')`,
  `length(trim(both 'x' FROM 'xax') || substring('abc' FROM 1 FOR 2) || overlay('abc' PLACING 'x' FROM 2))`,
  '(ARRAY[1,2])[1]',
  `('{"a": 1}'::jsonb ->> 'a')::int`,
  `(1 IN (1, 2) AND NOT 'a' SIMILAR TO 'b')::int`,
  `(1 BETWEEN SYMMETRIC 2 AND 0)::int`,
  `(ROW(1, 'a') IS DISTINCT FROM ROW(2, 'a'))::int`,
  `length(CURRENT_USER || SESSION_USER || CURRENT_CATALOG || CURRENT_SCHEMA)`,
  `length('a' COLLATE "C" || upper('b'))`,
  '- 2 * (3 - 4) % 3 # 1',
  `'2026-01-01'::date - CURRENT_DATE`,
  `shop.doubled(n => 4)`,
  `(1 OPERATOR(shop.<+>) 2)`,
  `shop.last(2)`,
];

const columnsOf = (pairs: readonly (readonly [type: string, value: string])[]): string =>
  pairs.map(([type, value], index) => `c${index} ${type} DEFAULT (${value})`).join(', ');

/** In this order: later parts use earlier ones. */
export const corpus: readonly CorpusPart[] = [
  {
    what: 'operators, which nothing but a dump carries',
    ddl: `
      CREATE SCHEMA shop;
      CREATE FUNCTION shop.added(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
      CREATE OPERATOR shop.<+> (LEFTARG = int, RIGHTARG = int, FUNCTION = shop.added)`,
  },
  {
    what: 'functions and collations',
    ddl: `
      CREATE SCHEMA "Odd Schema";
      CREATE FUNCTION shop.plus(n int, m int) RETURNS int LANGUAGE sql IMMUTABLE RETURN n + m;
      CREATE FUNCTION shop.doubled(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * n';
      CREATE FUNCTION shop.last(n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN shop.plus(shop.doubled(n), 1);
      CREATE FUNCTION shop."first; ok"(words text[], OUT ok boolean) LANGUAGE plpgsql IMMUTABLE AS $f$
        BEGIN ok := words[1] > ''; END $f$;
      CREATE COLLATION shop.german (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
      CREATE COLLATION shop.plain (locale = 'C')`,
  },
  {
    what: 'types of users',
    ddl: `
      CREATE TYPE shop.level AS ENUM ('low', 'high');
      CREATE FUNCTION shop.is_level(text) RETURNS boolean LANGUAGE sql IMMUTABLE
        RETURN $1::shop.level >= 'low'::shop.level;
      CREATE DOMAIN shop.a_level AS text COLLATE shop.plain CHECK (shop.is_level(VALUE));
      CREATE SEQUENCE shop.counted; CREATE SEQUENCE shop.ordered START 5;
      CREATE DOMAIN shop.counter AS bigint DEFAULT nextval('shop.counted');
      CREATE TYPE shop.mood AS ENUM ('sour', 'fine');
      ALTER TYPE shop.mood ADD VALUE 'so so' BEFORE 'fine';
      CREATE DOMAIN shop.amount AS numeric(12,2) DEFAULT 0 NOT NULL CONSTRAINT positive CHECK (VALUE >= 0);
      CREATE DOMAIN shop.code AS text COLLATE "C" CHECK (VALUE ~ '^[a-z]+$') CHECK (length(VALUE) < 9);
      CREATE DOMAIN shop.codes AS shop.code[]; CREATE DOMAIN shop.later AS int CHECK (VALUE < 9); ALTER DOMAIN shop.later ADD CHECK (VALUE > 0) NOT VALID;
      CREATE TYPE shop.pair AS (a int, "B b" text COLLATE "C", mood shop.mood);
      CREATE TYPE shop.pairs AS (pairs shop.pair[], amount shop.amount);
      CREATE TYPE shop.floats AS RANGE (subtype = float8, subtype_diff = float8mi);
      CREATE TYPE shop.words AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops)`,
  },
  { what: 'built-in types', ddl: `CREATE TABLE shop.built_in (${columnsOf(builtIn)})` },
  {
    what: 'expressions',
    ddl: `CREATE TABLE shop.expressions (${columnsOf(expressions.map((text) => ['int', text]))})`,
  },
  {
    what: 'columns of types of users',
    ddl: `
      CREATE TABLE shop.typed (mood shop.mood DEFAULT 'fine', moods shop.mood[], amount shop.amount, code shop.code,
        codes shop.codes, later shop.later, pair shop.pair DEFAULT ROW(1, 'b', 'sour'), pairs shop.pairs, floats shop.floats,
        many_floats shop.floats_multirange, words shop.words,
        level shop.a_level, counter shop.counter DEFAULT nextval('shop.ordered'), name text COLLATE shop.german,
        CHECK (shop."first; ok"(ARRAY[name])))`,
  },
  {
    what: 'a column of the type of a table',
    ddl: `CREATE TABLE shop.row_typed (id int, typed shop.typed, many shop.expressions[])`,
  },
  {
    what: 'identity, serial, generated and collations',
    ddl: `
      CREATE TABLE shop.fed (id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10) PRIMARY KEY,
        other smallint GENERATED BY DEFAULT AS IDENTITY, feeding serial, big bigserial,
        net numeric NOT NULL, gross numeric(12,2) GENERATED ALWAYS AS (net * 1.19) STORED,
        c text COLLATE "C", posix varchar(3) COLLATE "POSIX", plain text COLLATE "default")`,
  },
  {
    what: 'odd names',
    ddl: `
      CREATE TABLE "Odd Schema"."Odd ""Table""" ("Id" int PRIMARY KEY, "a,b" text DEFAULT '', "ü" text,
        "select" int CONSTRAINT "Check, please" CHECK ("select" > 0))`,
  },
  {
    what: 'a function that only a generated column calls, and a table that only a default names',
    ddl: `CREATE FUNCTION shop.sum_of(VARIADIC n int[]) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n[1] + n[2]';
      CREATE TABLE shop.zone (); CREATE TABLE shop.a_reference (n int, m int GENERATED ALWAYS AS (shop.sum_of(n, 2)) STORED, z regclass DEFAULT 'shop.zone'::regclass)`,
  },
  { what: 'no columns', ddl: 'CREATE TABLE shop.nothing ()' },
  { what: 'unlogged', ddl: 'CREATE UNLOGGED TABLE shop.unlogged (id int)' },
  {
    what: 'keys, constraints and indexes',
    ddl: `
      CREATE TABLE shop.customers (id int PRIMARY KEY, email text NOT NULL CONSTRAINT email_key UNIQUE,
        region text, CONSTRAINT region_email UNIQUE (region, email) DEFERRABLE INITIALLY DEFERRED);
      CREATE TABLE shop.orders (id int, line int, customer_id int NOT NULL REFERENCES shop.customers ON DELETE CASCADE,
        self_id int, self_line int, total numeric CHECK (total >= 0 OR total IS NULL), during tstzrange, note text,
        PRIMARY KEY (id, line) INCLUDE (total), EXCLUDE USING gist (during WITH &&) WHERE (total > 0),
        FOREIGN KEY (self_id, self_line) REFERENCES shop.orders MATCH FULL ON UPDATE SET NULL NOT VALID);
      CREATE INDEX orders_note ON shop.orders USING btree (lower(note) text_pattern_ops DESC NULLS LAST, (id % 10))
        INCLUDE (customer_id) WITH (fillfactor = 70) WHERE note IS NOT NULL;
      CREATE UNIQUE INDEX orders_customer ON shop.orders (customer_id, id);
      CREATE INDEX ON shop.orders USING hash (note);
      ALTER TABLE shop.orders ADD CONSTRAINT late CHECK (id <> 7) NOT VALID`,
  },
  {
    what: 'replica identities',
    ddl: `
      CREATE TABLE shop.by_index (id int NOT NULL, other int);
      CREATE UNIQUE INDEX by_index_id ON shop.by_index (id);
      ALTER TABLE shop.by_index REPLICA IDENTITY USING INDEX by_index_id;
      CREATE TABLE shop.by_all (id int PRIMARY KEY); ALTER TABLE shop.by_all REPLICA IDENTITY FULL;
      CREATE TABLE shop.by_none (id int PRIMARY KEY); ALTER TABLE shop.by_none REPLICA IDENTITY NOTHING`,
  },
  {
    what: 'inheritance',
    ddl: `
      CREATE TABLE shop.base (id int NOT NULL CHECK (id > 0), note text DEFAULT 'x');
      CREATE TABLE shop.derived (extra int) INHERITS (shop.base, shop.nothing)`,
  },
  {
    what: 'partitions',
    ddl: `
      CREATE TABLE shop.measures (id bigint GENERATED BY DEFAULT AS IDENTITY, at timestamptz NOT NULL, place text, value float8 DEFAULT 0,
        PRIMARY KEY (id, at, place), CHECK (value < 1000)) PARTITION BY RANGE (at);
      CREATE INDEX measures_value ON shop.measures (value);
      CREATE TABLE shop.measures_1 PARTITION OF shop.measures FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
      CREATE TABLE shop.measures_2 PARTITION OF shop.measures (place NOT NULL DEFAULT 'here')
        FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (place);
      CREATE TABLE shop.measures_2a PARTITION OF shop.measures_2 FOR VALUES IN ('here', 'there');
      CREATE TABLE shop.measures_2b PARTITION OF shop.measures_2 DEFAULT PARTITION BY HASH (id);
      CREATE TABLE shop.measures_2b0 PARTITION OF shop.measures_2b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE shop.measures_2b1 (value float8 DEFAULT 1, id bigint NOT NULL, place text NOT NULL, at timestamptz NOT NULL,
        CONSTRAINT measures_value_check CHECK (value < 1000));
      ALTER TABLE shop.measures_2b ATTACH PARTITION shop.measures_2b1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      CREATE TABLE shop.measured (id int, m_id bigint, m_at timestamptz, m_place text, FOREIGN KEY (m_id, m_at, m_place) REFERENCES shop.measures)`,
  },
  {
    what: 'dropped columns',
    ddl: `
      CREATE TABLE shop.dropped (a int, gone text, b int, c int DEFAULT 1);
      ALTER TABLE shop.dropped DROP COLUMN gone, ADD COLUMN d int, DROP COLUMN c`,
  },
  {
    what: 'NULLS NOT DISTINCT, negative scales and SET NULL of some columns',
    since: 15,
    ddl: `
      CREATE TABLE shop.newer (id int UNIQUE NULLS NOT DISTINCT, round numeric(3,-2), customer_id int, other int,
        FOREIGN KEY (customer_id) REFERENCES shop.customers ON DELETE SET NULL (customer_id))`,
  },
  {
    what: 'virtual columns and constraints of PostgreSQL 18',
    since: 18,
    ddl: `
      CREATE TABLE shop.newest (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL, during tstzrange,
        place int4range, CONSTRAINT pk PRIMARY KEY (place, during WITHOUT OVERLAPS), CHECK (id > 0) NOT ENFORCED);
      ALTER TABLE shop.newest ADD CONSTRAINT later NOT NULL id NOT VALID`,
  },
];
/** The corpus as this major takes it. */
export const corpusFor = (major: number): string =>
  corpus
    .filter(({ since = 0 }) => major >= since)
    .map(({ ddl }) => ddl)
    .join(';\n');
