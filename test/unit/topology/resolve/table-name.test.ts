// Names are read as SQL reads them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatName } from '../../../../src/model/identifier.ts';
import {
  parseIdentifier,
  parseTableName,
  parseTableSelector,
} from '../../../../src/topology/resolve/table-name.ts';

test.each([
  ['orders', 'public', 'orders'],
  ['Public.Orders', 'public', 'orders'],
  ['sales.orders', 'sales', 'orders'],
  ['"Odd Name".table', 'Odd Name', 'table'],
  ['"a""b"."c.d"', 'a"b', 'c.d'],
  ['"*"', 'public', '*'],
  ['_x$1.y2', '_x$1', 'y2'],
  ['ÄRGER.größe', 'Ärger', 'größe'],
  ['表.😀', '表', '😀'],
])('%s', (text, schema, name) => {
  expect(parseTableName(text)).toEqual({ ok: true, value: { schema, name } });
});

test.each([
  ['*', { kind: 'all' }],
  ['Sales.*', { kind: 'schema', schema: 'sales' }],
  ['"Sales".*', { kind: 'schema', schema: 'Sales' }],
  ['a.b', { kind: 'table', table: { schema: 'a', name: 'b' } }],
])('selector %s', (text, value) => {
  expect(parseTableSelector(text)).toEqual({ ok: true, value });
});

describe('faults', () => {
  test.each([
    ['', 0, 1, 'missing'],
    ['a.', 2, 1, 'missing'],
    ['.a', 0, 1, '`.` is not allowed'],
    ['a..b', 2, 1, '`.` is not allowed'],
    ['a.b.c', 4, 1, 'only a schema'],
    ['a b', 1, 1, '` ` is not allowed'],
    ['1a', 0, 1, '`1` is not allowed'],
    ['a.my-table', 4, 1, '`-` is not allowed'],
    ['"a', 0, 2, 'not closed'],
    ['a."b', 2, 2, 'not closed'],
    ['a."b""', 2, 4, 'not closed'],
    ['""', 0, 2, 'empty'],
    ['"a\0"', 0, 4, 'NUL'],
    ['*.a', 2, 1, 'follow'],
    ['a.*.b', 4, 1, 'only a schema'],
  ])('%j', (text, offset, length, message) => {
    expect(parseTableSelector(text)).toEqual({
      ok: false,
      message: expect.stringContaining(message),
      part: { offset, length },
    });
  });

  test('a wildcard is not a table, and a table is not a single name', () => {
    expect(parseTableName('a.*')).toMatchObject({ ok: false, part: { offset: 0, length: 3 } });
    expect(parseIdentifier('a.b')).toMatchObject({ ok: false, part: { offset: 2, length: 1 } });
    expect(parseIdentifier('*')).toMatchObject({ ok: false });
    expect(parseIdentifier('"A b"')).toEqual({ ok: true, value: 'A b' });
  });
});

test('any name comes back as it was from its SQL text', () => {
  const part = fc
    .oneof(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.string({
        minLength: 1,
        unit: fc.constantFrom('a', 'B', '"', '.', '*', ' ', '_', '$', '1'),
      }),
      fc.constantFrom('order', 'select', 'public', 'Orders'),
    )
    .filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(part, part, (schema, name) => {
      expect(parseTableName(formatName({ schema, name }))).toEqual({
        ok: true,
        value: { schema, name },
      });
    }),
  );
});
