// Fingerprints of tables agree exactly when the rows do, whatever the order and the major.

import { expect, test } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';

const table = { schema: 'Odd Schema', name: 'mixed' };

const schema = `
  CREATE SCHEMA "Odd Schema";
  CREATE TYPE mood AS ENUM ('fine', 'sour');
  CREATE DOMAIN amount AS numeric(8,2);
  CREATE TYPE pair AS (a int, b json);`;

const columns = `id int, "Label" text, mood mood, price amount, tags text[], doc jsonb, raw json,
  spot point, note xml, duo pair, seen timestamptz, bits bit(3), real float8, b bytea`.split(
  /,\s+/,
);

const rows = `
  SELECT i AS id, 'n' || i AS "Label", (ARRAY['fine', 'sour'])[1 + i % 2]::mood AS mood,
         i / 3.0 AS price, ARRAY['a', NULL, i::text] AS tags, jsonb_build_object('i', i) AS doc,
         json_build_object('i', i) AS raw, point(i, 0) AS spot, xmlelement(name i) AS note,
         ROW(i, '1')::pair AS duo, 'epoch'::timestamptz + i * interval '1 h' AS seen,
         i::bit(3) AS bits, i / 7.0::float8 AS real, i::text::bytea AS b
    FROM generate_series(1, 500) AS i`;

const fill = (order: readonly string[]): string => `
  ${schema}
  CREATE TABLE "Odd Schema".mixed (${order.join(', ')});
  INSERT INTO "Odd Schema".mixed (id, "Label", mood, price, tags, doc, raw, spot, note, duo, seen, bits, real, b)
  ${rows}`;

test('order and major do not matter, rows do', async () => {
  const first = await cluster.database(newestMajor);
  // Types made in another order have other OIDs.
  await first.query(`CREATE TYPE unrelated AS ENUM ('x'); ${fill(columns.toReversed())}`);
  const expected = await hashesOf(first, [table]);
  expect(expected['"Odd Schema".mixed']).toMatchObject({ rows: 500 });
  for (const major of majors) {
    const second = await cluster.database(major);
    await second.query(fill(columns));
    expect(await hashesOf(second, [table]), `PostgreSQL ${major}`).toEqual(expected);
    await second.query(`UPDATE "Odd Schema".mixed SET "Label" = 'N7' WHERE id = 7`);
    expect(await hashesOf(second, [table])).not.toEqual(expected);
  }
});

test('an empty table has a fingerprint', async () => {
  const database = await cluster.database(newestMajor);
  await database.query('CREATE TABLE nothing ()');
  const nothing = { schema: 'public', name: 'nothing' };
  expect(await hashesOf(database, [nothing])).toEqual({ 'public.nothing': { rows: 0, hash: '0' } });
});
