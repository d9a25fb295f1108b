// The query spells the plainest constraints itself, and deparses a check as if it were of another table with columns of
// the same names: as pg_get_constraintdef() does, whatever else the two tables differ in.

import { expect, test } from 'vitest';
import { definitionsIn } from '../../support/plans/schema-reading.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';

const checks = [
  'CHECK (a > 0)',
  'CHECK (b > a)',
  `CHECK (a > 0 AND "C %d" <> 'x')`,
  'CHECK (true)',
  'CHECK (a > 0) NO INHERIT',
  'CHECK (a > 0) NOT VALID',
  'CHECK (tableoid > 0 AND a > 0)',
  'CHECK (%s IS NOT NULL AND a > 0)',
  'CHECK (%s.a > 0)',
  'CHECK (length(b::text) < 9)',
];

const keys = [
  'PRIMARY KEY (a)',
  'PRIMARY KEY ("C %d")',
  'PRIMARY KEY (b, a)',
  'PRIMARY KEY (a) INCLUDE (b)',
  'PRIMARY KEY (a) DEFERRABLE',
  'PRIMARY KEY (a) DEFERRABLE INITIALLY DEFERRED',
  'PRIMARY KEY (a) WITH (fillfactor = 70)',
  'UNIQUE (a)',
  'UNIQUE (a) INCLUDE (b)',
  'EXCLUDE USING btree (a WITH =)',
];

/** The same names with other types, another order, a dropped column before them, and one that was renamed. */
const shapes: readonly ((name: string) => string)[] = [
  (name) => `CREATE TABLE ${name} (a int, b int, "C %d" text)`,
  (name) => `CREATE TABLE ${name} (a numeric(9,2), b bigint, "C %d" varchar(5))`,
  (name) => `CREATE TABLE ${name} (b int, a int, "C %d" text COLLATE "C")`,
  (name) =>
    `CREATE TABLE ${name} (gone int, a int, b int, "C %d" text); ALTER TABLE ${name} DROP gone`,
  (name) => `CREATE TABLE ${name} (x int, b int, "C %d" text); ALTER TABLE ${name} RENAME x TO a`,
];

const tables = shapes.flatMap((shape, s) =>
  [...checks, ...keys].map((constraint, n) => {
    const name = `t${s}_${n}`;
    const text = constraint.replace('%s', name);
    return `${shape(name)}; ALTER TABLE ${name} ADD CONSTRAINT "c ${s} ${n}" ${text};`;
  }),
);

test.each(majors)('constraints are written as PostgreSQL %i writes them', async (major) => {
  const database = await cluster.database(major);
  await database.query(tables.join('\n'));
  // Renamed after the check was made: the table has names of its own by now.
  await database.query('ALTER TABLE t0_0 RENAME a TO renamed');
  const spelled = (await definitionsIn(database)).flatMap(({ constraints }) =>
    constraints.map(({ name, definition }) => `${name}: ${definition}`),
  );
  const said = await database.query<{ readonly text: string }>(`
    SELECT conname || ': ' || pg_get_constraintdef(oid) AS text
      FROM pg_constraint WHERE conrelid >= 16384 AND contype <> 'n'`);
  expect(spelled.toSorted()).toEqual(said.map(({ text }) => text).toSorted());
  expect(said).toHaveLength(tables.length);
  expect(spelled).toContain('c 0 0: CHECK ((renamed > 0))');
});
