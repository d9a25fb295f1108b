// Which statements may bring a node in line, and which parts of them are code: by their texts alone.

import { beforeAll, describe, expect, test } from 'vitest';
import { ownerOf } from '../../../src/schema/gate/choose-role.ts';
import { codeIn } from '../../../src/schema/gate/find-code.ts';
import { recognize } from '../../../src/schema/gate/known-statements.ts';
import { loadParser, parseStatement } from '../../../src/schema/gate/parse-statement.ts';
import type { Owner, TargetFacts } from '../../../src/schema/gate/target-facts.ts';
import { tablesWithUsedRows } from '../../../src/schema/gate/used-rows.ts';

beforeAll(loadParser);

const look = (sql: string) => {
  const parsed = parseStatement(sql);
  if (typeof parsed === 'string') return parsed;
  const known = recognize(parsed);
  return typeof known === 'string' ? known : { sql, parsed, known };
};

test.each([
  'CREATE SCHEMA shop',
  'CREATE EXTENSION citext SCHEMA shop',
  'CREATE SEQUENCE shop.numbers AS integer INCREMENT BY 1 CACHE 1 NO CYCLE',
  'ALTER SEQUENCE shop.numbers OWNED BY shop.orders.id',
  `CREATE TYPE shop.mood AS ENUM ('a')`,
  `ALTER TYPE shop.mood ADD VALUE 'b' AFTER 'a'`,
  'ALTER TYPE shop.pair ADD ATTRIBUTE x int CASCADE',
  'CREATE DOMAIN shop.amount AS numeric CHECK (VALUE > 0)',
  'CREATE TABLE shop.orders (id int PRIMARY KEY) PARTITION BY RANGE (id)',
  'CREATE TABLE shop.orders_1 PARTITION OF shop.orders FOR VALUES FROM (0) TO (10)',
  'ALTER TABLE shop.orders ADD COLUMN note text, ALTER COLUMN id SET NOT NULL',
  'CREATE UNIQUE INDEX orders_note ON shop.orders USING btree (lower(note))',
  'DROP INDEX shop.orders_note',
])('known: %s', (sql) => {
  expect(look(sql)).toMatchObject({ sql });
});

test.each([
  ['DROP TABLE shop.orders', 'it drops OBJECT_TABLE'],
  ['DROP INDEX shop.a, shop.b', 'more than one'],
  ['DROP TYPE shop.mood CASCADE', 'more than one'],
  ['ALTER TABLE shop.orders OWNER TO evil', 'AT_ChangeOwner'],
  ['ALTER TABLE shop.orders ADD COLUMN a int, OWNER TO evil', 'AT_ChangeOwner'],
  ['ALTER TABLE shop.orders DROP COLUMN a CASCADE', 'cascades'],
  ['ALTER TABLE shop.orders DISABLE TRIGGER ALL', 'AT_DisableTrigAll'],
  ['ALTER VIEW shop.v SET SCHEMA x', 'no statement'],
  ['ALTER ROLE evil SUPERUSER', 'AlterRoleStmt'],
  ['GRANT ALL ON shop.orders TO evil', 'GrantStmt'],
  [`COPY shop.orders TO PROGRAM 'id'`, 'CopyStmt'],
  ['CREATE TABLE shop.x AS SELECT 1', 'CreateTableAsStmt'],
  ['CREATE TABLE orders (id int)', 'no schema'],
  ['CREATE TABLE other.shop.orders (id int)', 'no schema'],
  ['CREATE TEMP TABLE orders (id int)', 'temporary'],
  ['CREATE TABLE shop.x (LIKE shop.orders INCLUDING ALL)', 'TableLikeClause'],
  ['CREATE TABLE shop.x (id int) TABLESPACE t', 'tablespacename'],
  ['CREATE SCHEMA shop AUTHORIZATION evil', 'authrole'],
  ['CREATE SCHEMA shop CREATE TABLE x (id int)', 'schemaElts'],
  ['CREATE EXTENSION x CASCADE', 'cascade'],
  ['CREATE TRIGGER t BEFORE INSERT ON shop.orders EXECUTE FUNCTION f()', 'CreateTrigStmt'],
  ['DO $$ BEGIN NULL; END $$', 'DoStmt'],
  [`CREATE FUNCTION shop.f() RETURNS int LANGUAGE c AS 'x', 'y'`, 'language c'],
  [`CREATE FUNCTION shop.f() RETURNS int LANGUAGE plpython3u AS ''`, 'language plpython3u'],
  [`CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1'`, 'leakproof'],
  [`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`, 'no schema'],
  ['CREATE SCHEMA a; CREATE SCHEMA b', '2 statements'],
  ['CREATE SCHEMA', 'cannot be parsed'],
  ['', 'cannot be parsed'],
  ['-- nothing', '0 statements'],
  ['CREATE SCHEMA a\0', 'NUL'],
])('refused: %s', (sql, why) => {
  expect(look(sql)).toContain(why);
});

test.each([
  ['CREATE TABLE shop.x (id int CHECK (id > 0))', []],
  ['CREATE TABLE shop.x PARTITION OF shop.y DEFAULT', ['y']],
  ['CREATE TABLE shop.x (id int) INHERITS (shop.y)', []],
  ['CREATE INDEX i ON shop.x (id)', []],
  ['ALTER TABLE shop.x ADD COLUMN a int NOT NULL DEFAULT 1, DROP COLUMN b', []],
  ['ALTER TABLE shop.x ALTER a SET NOT NULL, ALTER a DROP DEFAULT, DROP CONSTRAINT c', []],
  ['ALTER TABLE shop.x ADD COLUMN a int CHECK (a > 0)', ['x']],
  ['ALTER TABLE shop.x ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED', ['x']],
  ['ALTER TABLE shop.x DROP COLUMN b, ALTER a TYPE text', ['x']],
  ['ALTER TABLE shop.x ADD CONSTRAINT c CHECK (a > 0)', ['x']],
  ['ALTER TABLE shop.x VALIDATE CONSTRAINT c', ['x']],
  ['ALTER TABLE shop.x ATTACH PARTITION shop.y DEFAULT', ['x', 'y']],
  ['ALTER TYPE shop.x ALTER ATTRIBUTE a TYPE text', ['x']],
])('checks or converts the rows of: %s', (sql, names) => {
  const it = look(sql);
  if (typeof it === 'string') throw new Error(it);
  expect(tablesWithUsedRows(it.parsed, it.known).map(({ name }) => name)).toEqual(names);
});

const owner: Owner = { name: 'app', isSuperuser: false, canBecome: true, canCreate: true };

const facts: TargetFacts = {
  role: owner,
  databaseOwner: owner,
  harmless: new Set(['lower', 'now', 'nextval']),
  types: new Map([
    ['shop.amount', { expressions: ['CHECK ((VALUE > 0))'], functions: [] }],
    ['shop.trap', { expressions: ['CHECK (shop.evil(VALUE))'], functions: [] }],
    ['shop.late', { expressions: ["DEFAULT pg_read_file('/etc/passwd'::text)"], functions: [] }],
  ]),
  owners: new Map(),
  trustedExtensions: new Set(['citext']),
};

const codeOf = (sql: string) => {
  const judged = look(sql);
  if (typeof judged === 'string') throw new Error(judged);
  return codeIn(judged, facts, new Set(['shop.mood'])).map(({ why }) => why);
};

describe('what is no code', () => {
  test.each([
    'CREATE EXTENSION citext',
    'CREATE DOMAIN shop.d AS text CHECK (lower(VALUE) = VALUE)',
    `CREATE TABLE shop.orders (
       id int DEFAULT nextval('shop.numbers'::regclass), at timestamptz NOT NULL DEFAULT now(), day date DEFAULT CURRENT_DATE,
       mood shop.mood DEFAULT 'a'::shop.mood, moods shop.mood[] DEFAULT ARRAY['a'::shop.mood], total shop.amount,
       twice int GENERATED ALWAYS AS (id * 2) STORED, CHECK (mood = ANY (ARRAY['a'::shop.mood])), CHECK (id > 0 AND id IS NOT NULL),
       EXCLUDE USING btree (id WITH =))`,
    'CREATE INDEX i ON shop.orders USING btree (lower(note)) WHERE (id > 0)',
  ])('%s', (sql) => {
    expect(codeOf(sql)).toEqual([]);
  });
});

describe('what is code', () => {
  test.each([
    ['CREATE EXTENSION file_fdw', 'superuser'],
    ["CREATE TABLE shop.x (a text DEFAULT pg_read_file('/etc/passwd'))", 'it calls pg_read_file()'],
    ['ALTER TABLE shop.x ADD COLUMN a int DEFAULT public.f()', 'it calls public.f()'],
    ['ALTER TABLE shop.x ALTER COLUMN a SET DEFAULT (1 + (2 * public.f()))', 'it calls public.f()'],
    ['ALTER TABLE shop.x ADD CHECK (a OPERATOR(public.=) b)', 'it uses operator public.='],
    ['ALTER TABLE shop.x ADD EXCLUDE USING gist (a WITH OPERATOR(public.=))', 'operator public.='],
    ['ALTER TABLE shop.x ADD CHECK ((a)::shop.mood > b)', 'it converts a value to type shop.mood'],
    ['ALTER TABLE shop.x ADD CHECK (EXISTS (SELECT public.f()))', 'it calls public.f()'],
    ['ALTER TABLE shop.x ADD CHECK (EXISTS (SELECT 1))', 'it has a SubLink'],
    ['CREATE TABLE shop.x PARTITION OF shop.y FOR VALUES IN (public.f())', 'it calls public.f()'],
    ['CREATE TABLE shop.x (a int) PARTITION BY RANGE (public.f(a))', 'it calls public.f()'],
    ['CREATE INDEX i ON shop.x (public.f(a))', 'it calls public.f()'],
    ['CREATE INDEX i ON shop.x (a) WHERE public.f(a)', 'it calls public.f()'],
    ['CREATE DOMAIN shop.d AS text CHECK (public.f(VALUE))', 'it calls public.f()'],
    ['ALTER TABLE shop.x ADD COLUMN a shop.trap', 'has CHECK (shop.evil(VALUE))'],
    ['ALTER TABLE shop.x ADD COLUMN a shop.late[]', 'has DEFAULT pg_read_file'],
    ['ALTER TABLE shop.x ALTER a TYPE int USING public.f(a)', 'it calls public.f()'],
    ['ALTER TABLE shop.x ALTER a TYPE shop.late', 'it converts a value to type shop.late'],
    ['ALTER DOMAIN shop.trap VALIDATE CONSTRAINT c', 'has CHECK (shop.evil(VALUE))'],
    ['CREATE TYPE shop.r AS RANGE (subtype = int, subtype_diff = public.f)', 'it calls public.f()'],
    ['CREATE AGGREGATE shop.a(int) (SFUNC = public.f, STYPE = int)', 'it calls public.f()'],
    [`CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`, 'rights of its caller'],
    [
      `CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
      'SECURITY DEFINER',
    ],
    [
      `ALTER TABLE shop.x ADD COLUMN a json DEFAULT JSON_OBJECT('a' VALUE 1)`,
      'JsonObjectConstructor',
    ],
  ])('%s', (sql, why) => {
    expect(codeOf(sql).join()).toContain(why);
  });

  test('of a table, only the column that has it is shown', () => {
    const judged = look('CREATE TABLE shop.x ("ü" int, b int DEFAULT public.f(), c int)');
    if (typeof judged === 'string') throw new Error(judged);
    expect(codeIn(judged, facts, new Set())).toEqual([
      { text: 'b int DEFAULT public.f()', why: 'it calls public.f()' },
    ]);
  });
});

describe('who owns a new schema, and a table in it', () => {
  const steep: Owner = { ...owner, name: 'steep', canBecome: true };
  test.each([
    ['a superuser', { ...steep, isSuperuser: true }, owner, 'app'],
    ['a member of the role that owns the database', steep, owner, 'app'],
    ['a role that may not become it', steep, { ...owner, canBecome: false }, 'steep'],
    ['a role that could become a superuser', steep, { ...owner, isSuperuser: true }, 'steep'],
  ])('created by %s', (_what, role, databaseOwner, expected) => {
    for (const sql of ['CREATE SCHEMA shop', 'CREATE TABLE shop.x (id int)']) {
      const judged = look(sql);
      if (typeof judged === 'string') throw new Error(judged);
      const made = { owners: new Map(), sequences: new Map() };
      expect(ownerOf(judged, { ...facts, role, databaseOwner }, made)?.name).toBe(expected);
    }
  });
});
