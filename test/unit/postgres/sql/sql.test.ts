// SQL as a value: what is bound, what is quoted, what is never shown.

import { describe, expect, test } from 'vitest';
import {
  ddl,
  examinedStatement,
  ident,
  join,
  literal,
  qualified,
  type Sql,
  secret,
  sql,
  verbatim,
} from '../../../../src/postgres/sql/sql.ts';

const noSecrets = (name: string): string => {
  throw new Error(`no secret ${name}`);
};
const textOf = (statement: Sql): string => statement.render(noSecrets).text;

describe('sql', () => {
  test('binds values in order, and inlines other SQL', () => {
    const condition = sql`b = ${'x'} AND c = ANY (${['p', 'q']})`;
    const statement = sql`SELECT ${1}, ${ident('Order')} FROM t WHERE a = ${null} AND ${condition}`;
    expect(statement.render(noSecrets)).toEqual({
      text: 'SELECT $1, "Order" FROM t WHERE a = $2 AND b = $3 AND c = ANY ($4)',
      values: [1, null, 'x', ['p', 'q']],
      single: false,
    });
  });

  test('an examined statement is sent so that the server takes one statement only', () => {
    const statement = examinedStatement('CREATE SCHEMA shop');
    expect(statement.display).toBe('CREATE SCHEMA shop');
    expect(statement.render(noSecrets)).toEqual({
      text: 'CREATE SCHEMA shop',
      values: [],
      single: true,
    });
  });

  test('shows values as literals', () => {
    const statement = sql`SELECT ${"it's"}, ${'a\\b'}, ${5n}, ${true}, ${null}, ${['x', null]}, ${[]}`;
    expect(statement.display).toBe(
      "SELECT 'it''s', E'a\\\\b', 5, true, NULL, ARRAY['x', NULL], '{}'",
    );
  });
});

describe('ddl', () => {
  test('takes Sql only', () => {
    // @ts-expect-error a plain string does not compile
    const wrong = (): unknown => ddl`DROP TABLE ${'users'}`;
    expect(wrong).toThrow();
    expect(textOf(ddl`DROP TABLE ${qualified({ schema: 'public', name: 'users' })}`)).toBe(
      'DROP TABLE public.users',
    );
  });
});

describe('ident', () => {
  test.each([
    ['orders', 'orders'],
    ['Orders', '"Orders"'],
    ['select', '"select"'],
    ['a"b', '"a""b"'],
    ['x; DROP TABLE y', '"x; DROP TABLE y"'],
    ['größe', '"größe"'],
    ['', null],
    ['nul\0', null],
    ['é'.repeat(32), null],
  ])('%j', (name, expected) => {
    if (expected === null) expect(() => ident(name)).toThrow(/cannot hold the name/);
    else expect(textOf(ident(name))).toBe(expected);
  });
});

describe('literal', () => {
  test.each([
    ['plain', "'plain'"],
    ["'; DROP TABLE x --", "'''; DROP TABLE x --'"],
    ['back\\slash', "E'back\\\\slash'"],
    ["\\'", "E'\\\\'''"],
  ])('%j', (value, expected) => {
    expect(textOf(literal(value))).toBe(expected);
  });

  test('refuses NUL', () => {
    expect(() => literal('a\0b')).toThrow(RangeError);
  });
});

test('join puts a separator between pieces', () => {
  expect(textOf(join([ident('a'), ident('b')]))).toBe('a, b');
  expect(textOf(join([ident('a'), ident('b')], ' AND '))).toBe('a AND b');
  expect(textOf(join([]))).toBe('');
});

describe('secret', () => {
  const statement = ddl`ALTER SUBSCRIPTION s CONNECTION ${secret('conninfo')}`;

  test('is never shown', () => {
    expect(statement.display).toBe("ALTER SUBSCRIPTION s CONNECTION '***'");
    expect(JSON.stringify(statement)).not.toContain('hunter2');
  });

  test('becomes a literal when it is sent', () => {
    expect(statement.render(() => "password='hunter2'").text).toBe(
      "ALTER SUBSCRIPTION s CONNECTION 'password=''hunter2'''",
    );
  });
});

describe('verbatim', () => {
  test.each([
    "region = 'eu'",
    "name = 'O''Brien; (ok)'",
    "a > 1 AND (b IS NULL OR c ~ '[()]')",
    "note = E'it\\'s)'",
    'col = $tag$ ; ) $tag$',
    'col = $$ ; ) $$',
    '"odd)name" = 1',
    'a = 1 /* ) ; /* nested ) */ */ AND b',
    'a = 1 -- )\n AND b',
    'price$usd > 3',
    "a = 'backslash \\' AND b",
  ])('lets %j through as it is', (filter) => {
    expect(textOf(ddl`WHERE (${verbatim(filter)})`)).toBe(`WHERE (${filter})`);
  });

  test.each([
    ['', 'empty'],
    ['a) OR (b', 'closes a parenthesis'],
    ['a = 1); DROP TABLE x; --', 'closes a parenthesis'],
    ['a = 1; DROP TABLE x', 'semicolon'],
    ['a = 1 \\! touch x', 'backslash'],
    ['(a = 1', 'not closed'],
    ["a = 'open", 'string'],
    ["a = 'it''", 'string'],
    ['"open = 1', 'quoted name'],
    ['a = $t$ open', 'dollar quote'],
    ['a = $t$ open $u$', 'dollar quote'],
    ['a = 1 --', 'comment'],
    ['a = 1 /* /* */', 'comment'],
    ["a = E'\\' ; ", 'string'],
    ["a = E'x''\\' ; ", 'string'],
    // PostgreSQL reads the second string with the escapes of the first.
    ["a = E'x'\n'\\'' ) ; DROP TABLE y; -- '", 'string'],
    ["a = E'x' -- c\n'\\'' ) ; DROP TABLE y; -- '", 'string'],
    ['a = \0', 'NUL'],
  ])('refuses %j', (filter, reason) => {
    expect(() => verbatim(filter)).toThrow(
      expect.objectContaining({
        code: 'INVALID_EXPRESSION',
        message: expect.stringContaining(reason),
      }),
    );
  });

  test('an identifier may end in e before a string', () => {
    expect(() => verbatim("datE'x'")).not.toThrow();
  });
});
