// Which statements a server of an older major would not take.

import { expect, test } from 'vitest';
import type { SchemaStatement } from '../../../src/model/schema/schema-change.ts';
import { refuseNewer } from '../../../src/schema/ddl/needed-features.ts';

const create = (sql: string): SchemaStatement => ({
  sql,
  object: { kind: 'table', name: 'public.t' },
  part: null,
  verb: 'create',
  phase: 'before',
  lock: null,
  inUse: false,
  losesData: false,
  rewrites: false,
});

test.each([
  [18, 'CREATE TABLE t (id int, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS))'],
  [18, 'ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED'],
  [17, `CREATE COLLATION public.c (provider = builtin, locale = 'C.UTF-8')`],
  [17, `CREATE TABLE t (a text DEFAULT JSON_VALUE('{"a": 1}'::jsonb, '$."a"' RETURNING text))`],
  [16, `CREATE COLLATION public.c (provider = icu, locale = 'de', rules = '&V << w')`],
  [15, 'CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT'],
  [15, 'CREATE TABLE t (a numeric(3,-2))'],
])('PostgreSQL %i brought what %s needs', (since, sql) => {
  const at = (major: number) => refuseNewer([create(sql)], major * 10_000 + 3);
  expect(at(since)).toEqual([]);
  expect(at(since - 1)).toEqual([
    {
      sql,
      object: { kind: 'table', name: 'public.t' },
      why: expect.stringMatching(
        new RegExp(`, which came with PostgreSQL ${since}; the server has ${since - 1}\\.3\\.$`),
      ),
      cure: expect.stringContaining('table public.t on the subscriber without it'),
    },
  ]);
});

test('words inside of a constant are no feature', () => {
  expect(refuseNewer([create(`CREATE TABLE t (a text DEFAULT ' NOT ENFORCED')`)], 140_000)).toEqual(
    [],
  );
});
