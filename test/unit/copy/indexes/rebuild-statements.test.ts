// Which statements on record are run again: those that steep writes, and no others.

import { describe, expect, test } from 'vitest';
import type { DeferredObject } from '../../../../src/copy/indexes/deferred-object.ts';
import { assertRebuilds } from '../../../../src/copy/indexes/rebuild-statements.ts';

const deferred = (
  kind: DeferredObject['kind'],
  statement: string,
  [schema, table, name]: readonly [string, string, string] = ['public', 'a', 'a_key'],
): DeferredObject => ({
  id: 1,
  table: { schema, name: table },
  kind,
  name,
  statements: [statement],
});

const odd = ['S "x"', "t.'(", 'i;--$1'] as const;

describe('run', () => {
  test.each<[DeferredObject['kind'], string]>([
    ['index', "SET LOCAL default_tablespace = ''"],
    [
      'index',
      `CREATE INDEX a_key ON public.a USING btree (x, lower(y)) INCLUDE (z) WITH (fillfactor='70') WHERE (n > ';'::text)`,
    ],
    ['index', `CREATE UNIQUE INDEX a_key ON public.a USING btree (x) NULLS NOT DISTINCT`],
    ['index', `COMMENT ON INDEX public.a_key IS 'it''s, so; \n'`],
    ['index', `COMMENT ON INDEX public.a_key IS E'a\\\\b, c'`],
    ['index', 'ALTER INDEX public.a_key ALTER COLUMN 2 SET STATISTICS 500'],
    ['constraint', 'ALTER TABLE public.a ADD CONSTRAINT a_key PRIMARY KEY USING INDEX a_key'],
    [
      'constraint',
      'ALTER TABLE public.a ADD CONSTRAINT a_key UNIQUE USING INDEX a_key DEFERRABLE INITIALLY DEFERRED',
    ],
    [
      'constraint',
      'ALTER TABLE public.a ADD CONSTRAINT a_key EXCLUDE USING gist (r WITH &&, s WITH =) WHERE ((r IS NOT NULL))',
    ],
    [
      'constraint',
      "ALTER TABLE public.a ADD CONSTRAINT a_key CHECK ((x <> 'a, b;'::text)) NOT VALID",
    ],
    ['constraint', 'ALTER TABLE public.a ADD CONSTRAINT a_key NOT NULL x NOT VALID'],
    ['constraint', "COMMENT ON CONSTRAINT a_key ON public.a IS 'x'"],
    ['constraint', 'ALTER TABLE public.a CLUSTER ON a_key'],
    ['constraint', 'ALTER TABLE public.a REPLICA IDENTITY USING INDEX a_key'],
    [
      'foreign key',
      'ALTER TABLE public.a ADD CONSTRAINT a_key FOREIGN KEY (b, c) REFERENCES public.b(b, c) ON DELETE CASCADE NOT VALID',
    ],
    ['foreign key', 'ALTER TABLE public.a VALIDATE CONSTRAINT a_key'],
  ])('%s: %s', (kind, statement) => {
    expect(() => assertRebuilds(deferred(kind, statement))).not.toThrow();
  });

  test('names that need quotes', () => {
    const statement = `CREATE INDEX "i;--$1" ON "S ""x"""."t.'(" USING btree (x)`;
    expect(() => assertRebuilds(deferred('index', statement, odd))).not.toThrow();
  });
});

describe('refused', () => {
  test.each<[DeferredObject['kind'], string]>([
    ['index', 'ALTER ROLE evil SUPERUSER'],
    ['index', 'CREATE INDEX a_key ON public.a USING btree (x); ALTER ROLE evil SUPERUSER'],
    ['index', 'CREATE INDEX a_key ON public.b USING btree (x)'],
    ['index', 'CREATE INDEX other ON public.a USING btree (x)'],
    ['index', `COMMENT ON INDEX public.a_key IS 'x'; SELECT 1`],
    ['index', `COMMENT ON INDEX public.a_key IS 'x' || f()`],
    ['index', `SET LOCAL default_tablespace = '', evil`],
    ['index', `SET LOCAL role = 'evil'`],
    ['constraint', 'ALTER TABLE public.a ADD CONSTRAINT a_key UNIQUE (x), OWNER TO evil'],
    [
      'constraint',
      'ALTER TABLE public.a ADD CONSTRAINT a_key UNIQUE (x), ADD COLUMN y int DEFAULT f()',
    ],
    ['constraint', 'ALTER TABLE public.a ADD CONSTRAINT a_key CHECK (f(x))'],
    ['constraint', 'ALTER TABLE public.a ADD CONSTRAINT a_key UNIQUE (x) /* '],
    ['foreign key', 'CREATE INDEX a_key ON public.a USING btree (x)'],
    ['foreign key', `COPY public.a TO PROGRAM 'touch /tmp/x'`],
  ])('%s: %s', (kind, statement) => {
    expect(() => assertRebuilds(deferred(kind, statement))).toThrow(/was not run/);
  });

  test('names that would end their quotes', () => {
    const statement = `CREATE INDEX i;--$1 ON "S ""x"""."t.'(" USING btree (x)`;
    expect(() => assertRebuilds(deferred('index', statement, odd))).toThrow(/was not run/);
  });
});
