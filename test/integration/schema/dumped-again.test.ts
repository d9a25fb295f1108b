// What a dump of a table creates is the same table: PostgreSQL deparses some expressions differently each time that
// they are written, and an index may be filled differently.

import { expect, test } from 'vitest';
import { definitionsIn, fingerprintsOf } from '../../support/plans/schema-reading.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';

const columns = `
  CREATE TABLE public.orders (
    id int PRIMARY KEY, status varchar(20) DEFAULT 'new' NOT NULL, kind varchar, code char(3), note text, size int2)`;

const added = [
  `ALTER TABLE public.orders ADD CONSTRAINT c_status CHECK (status IN ('new', 'paid', 'it''s', E'a\\b', 'x"y'))`,
  `ALTER TABLE public.orders ADD CONSTRAINT c_not CHECK (kind NOT IN ('a', 'b') OR status = ANY ('{c,d}'))`,
  `ALTER TABLE public.orders ADD CONSTRAINT c_one CHECK (status IN ('new'))`,
  `ALTER TABLE public.orders ADD CONSTRAINT c_code CHECK (code IN ('abc', 'def') AND note IN ('a', 'b'))`,
  `ALTER TABLE public.orders ADD CONSTRAINT c_size CHECK (size IN (1, 2, 3) AND size BETWEEN 0 AND 9)`,
  `ALTER TABLE public.orders ADD CONSTRAINT c_cast CHECK (kind::text || 'x' <> 'y'::varchar)`,
  `CREATE INDEX i_open ON public.orders (id) WHERE status IN ('new', 'paid')`,
  `CREATE INDEX i_case ON public.orders ((CASE WHEN kind IN ('a', 'b') THEN 1 ELSE 2 END))`,
];

const filled = [
  'CREATE INDEX i_full ON public.orders (note)',
  'CREATE UNIQUE INDEX i_unique ON public.orders (note, id) WITH (deduplicate_items = off)',
];

const filledDifferently = [
  'CREATE INDEX i_full ON public.orders (note) WITH (fillfactor = 70)',
  'CREATE UNIQUE INDEX i_unique ON public.orders (note, id) WITH (fillfactor = 70, deduplicate_items = off)',
];

/** The statements with which a dump creates the constraints and indexes of the table. */
const dumped = async (database: TestDatabase): Promise<readonly string[]> => {
  const rows = await database.query<{ readonly text: string }>(`
    SELECT 'ALTER TABLE public.orders ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid) AS text
      FROM pg_constraint WHERE conrelid = 'public.orders'::regclass AND contype = 'c'
     UNION ALL
    SELECT indexdef FROM pg_indexes WHERE tablename = 'orders' AND indexname LIKE 'i\\_%'`);
  return rows.map(({ text }) => text);
};

const made = async (major: number, statements: readonly string[]): Promise<TestDatabase> => {
  const database = await cluster.database(major);
  for (const statement of [columns, ...statements]) await database.query(statement);
  return database;
};

test.each(majors)('dumped from PostgreSQL %i, once and twice, it matches', async (major) => {
  const first = await made(major, added);
  const statements = await dumped(first);
  const wanted = await fingerprintsOf(first);
  for (const into of majors) {
    const second = await made(into, statements);
    const third = await made(into, await dumped(second));
    expect(await definitionsIn(second)).toEqual(await definitionsIn(first));
    expect(await fingerprintsOf(second), `${major} into ${into}`).toEqual(wanted);
    expect(await fingerprintsOf(third), `${major} into ${into}, twice`).toEqual(wanted);
  }
});

test.each(majors)('on PostgreSQL %i the fillfactor of an index does not count', async (major) => {
  const plain = await fingerprintsOf(await made(major, filled));
  const other = await fingerprintsOf(await made(major, filledDifferently));
  expect(other).toEqual(plain);
  const third = await fingerprintsOf(await made(major, filled.slice(0, 1)));
  expect(third).not.toEqual(plain);
});

test.each([
  [`CHECK (status IN ('new', 'paid'))`, `CHECK (status IN ('new', 'paid '))`],
  [`CHECK (status IN ('new', 'paid'))`, `CHECK (status NOT IN ('new', 'paid'))`],
  [`CHECK (status IN ('new'))`, `CHECK (kind IN ('new'))`],
])('%s is not %s', async (one, other) => {
  const [major = 18] = majors;
  const [a, b] = await Promise.all(
    [one, other].map(async (check) =>
      fingerprintsOf(await made(major, [`ALTER TABLE public.orders ADD CONSTRAINT c ${check}`])),
    ),
  );
  expect(a).not.toEqual(b);
});
