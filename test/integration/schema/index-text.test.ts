// The query spells the plainest indexes itself: as pg_get_indexdef() does, and only where it says just that.

import { expect, test } from 'vitest';
import { definitionsIn } from '../../support/plans/schema-reading.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';

const tables = `
  CREATE SCHEMA "a Schema";
  CREATE DOMAIN "a Schema".word AS text COLLATE "C";
  CREATE TYPE "a Schema".mood AS ENUM ('good', 'bad');
  CREATE TABLE "a Schema"."T%s" (
    id int, "Select" bigint, name text, code varchar(5), fixed char(3), word "a Schema".word, sorted text COLLATE "C",
    mood "a Schema".mood, tags text[], at timestamptz, span int4range, oid oid, "char" "char");`;

/** What follows CREATE INDEX "n" ON t: the plain ones first. */
const plain = ['(id)', '("Select")', '(name)', '(sorted)', '(at)', '(oid)', '("char")'] as const;
const others = [
  '(id DESC)',
  '(id NULLS FIRST)',
  '(id DESC NULLS LAST)',
  '(id, "Select")',
  '(code)',
  '(fixed)',
  '(word)',
  '(mood)',
  '(tags)',
  '(span)',
  '(name text_pattern_ops)',
  '(code varchar_pattern_ops)',
  '(name COLLATE "C")',
  '(sorted COLLATE "POSIX")',
  '(sorted COLLATE "default")',
  '(lower(name))',
  '((id + 1))',
  '(id) WHERE name IS NULL',
  '(id) INCLUDE (name)',
  '(id) WITH (fillfactor = 50)',
  'USING hash (id)',
  'USING gist (span)',
  'USING brin (id)',
  'USING gin (tags)',
] as const;

const indexed = [...plain, ...others]
  .map((text, n) => `CREATE INDEX "i %${n}" ON "a Schema"."T%s" ${text};`)
  .join('\n');

const unique = `
  CREATE UNIQUE INDEX unique_one ON "a Schema"."T%s" (id);
  CREATE TABLE parted (id int) PARTITION BY RANGE (id);
  CREATE TABLE parted_one PARTITION OF parted DEFAULT;
  CREATE INDEX on_parted ON parted (id);`;

test.each(majors)('indexes are written as PostgreSQL %i writes them', async (major) => {
  const database = await cluster.database(major);
  await database.query(tables);
  await database.query(indexed);
  await database.query(unique);
  const spelled = (await definitionsIn(database)).flatMap(({ indexes }) =>
    indexes.map(({ definition }) => definition),
  );
  const said = await database.query<{ readonly text: string }>(`
    SELECT pg_get_indexdef(x.indexrelid) AS text
      FROM pg_index AS x JOIN pg_class AS i ON i.oid = x.indexrelid
     WHERE x.indrelid >= 16384 AND NOT i.relispartition AND i.relnamespace <> 'pg_toast'::regnamespace`);
  expect(spelled.toSorted()).toEqual(said.map(({ text }) => text).toSorted());
  expect(said).toHaveLength(plain.length + others.length + 2);
});
