// Settings of roles and databases, on either side, change no value that is copied, and hide no row.

import { describe, expect, test } from 'vitest';
import { holdSnapshot } from '../../../src/copy/read/hold-snapshot.ts';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { startDump } from '../../../src/postgres/connect/pg-dump.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { realPgDump } from '../../support/fakes/pg-dumps.ts';
import { fewPairs } from '../../support/servers/majors.ts';
import { setHostile } from '../../support/worlds/hostile-settings.ts';
import { type CopyStage, copy, names, open, stage } from './copy-under-test.ts';

/** xml and intervals travel as text, and so does the whole of their table. */
const schema = `
  CREATE TYPE mood AS ENUM ('low', 'high');
  CREATE TABLE as_text (
    id int PRIMARY KEY, words text[], moods mood[], x xml, i interval, t timestamptz, d date, f float8, g float4, p point,
    m money, b bytea, c regclass);
  CREATE TABLE in_binary (
    id int PRIMARY KEY, words text[], t timestamptz, d date, f float8, g float4, p point, m money, b bytea);
  CREATE TABLE filtered (id int PRIMARY KEY, doc jsonb);`;

const rows = `
  INSERT INTO as_text
    SELECT n, ARRAY[NULL, 'NULL', 'a' || n], ARRAY[NULL, 'low', 'high']::mood[],
           CASE n % 2 WHEN 0 THEN '<a/>' ELSE 'a fragment <b/>' END::xml,
           n * interval '1 year 2 mons -3 days 04:05:06.7', '2026-02-01 00:00:00+00'::timestamptz + n * interval '1 h',
           '2026-01-12'::date + n, n / 7.0::float8, n / 7.0::float4, point(n / 7.0, -n / 3.0), (n / 100.0)::numeric::money,
           sha256(n::text::bytea), 'in_binary'::regclass
      FROM generate_series(1, 300) AS n;
  INSERT INTO in_binary SELECT id, words, t, d, f, g, p, m, b FROM as_text;`;

const documents = `
  INSERT INTO filtered SELECT n, jsonb_build_object('k', CASE WHEN n % 50 = 0 THEN 'x' ELSE md5(n::text) END)
    FROM generate_series(1, 100000) AS n;
  CREATE INDEX ON filtered USING gin (doc);
  ANALYZE filtered;`;

const tables = names('as_text', 'in_binary');

/** By a session whose settings another test has shown to be pinned. */
const contents = async (conninfo: Conninfo) => {
  const session = await open(conninfo, 'reader');
  try {
    return await session.query(sql`
      SELECT 'as_text' AS name, pg_catalog.string_agg(ROW(a.*)::text, ' ' ORDER BY id) AS rows FROM public.as_text AS a
      UNION ALL
      SELECT 'in_binary', pg_catalog.string_agg(ROW(b.*)::text, ' ' ORDER BY id) FROM public.in_binary AS b`);
  } finally {
    await session.close();
  }
};

interface Ends {
  readonly from: Conninfo;
  readonly to: Conninfo;
}

const makeHostile = async (it: CopyStage, side: string): Promise<Ends> => ({
  from: side === 'target' ? it.source.conninfo : await setHostile(it.source, 'role'),
  to: side === 'source' ? it.target.conninfo : await setHostile(it.target, 'database'),
});

const copyBetween = async (
  it: CopyStage,
  { from, to }: Ends,
  wanted: typeof tables,
  changes: Parameters<typeof copy>[3] = {},
) => {
  const held = await holdSnapshot(await open(from, 'source', 'database'), {
    slot: it.slot,
    plugin: 'pgoutput',
  });
  try {
    return await copy(it, held, wanted, {
      openSource: () => open(from, 'source'),
      openTarget: () => open(to, 'target'),
      ...changes,
    });
  } finally {
    await held.release();
  }
};

const byDump = (conninfo: Conninfo): Parameters<typeof copy>[3] => ({
  dumps: {
    tables,
    open: (request) =>
      startDump(
        {
          node: 'source',
          conninfo,
          applicationName: 'steep dump',
          environment: { ...process.env, STEEP_PG_DUMP: realPgDump?.program ?? '' },
        },
        request,
      ),
  },
});

describe.each(fewPairs)('%i to %i', (from, to) => {
  test.each(['source', 'target', 'both'])('wrong settings on: %s', async (side) => {
    const it = await stage(schema, [from, to]);
    await it.source.query(rows);
    const expected = await contents(it.source.conninfo);
    await copyBetween(it, await makeHostile(it, side), tables);
    expect(await contents(it.target.conninfo)).toEqual(expected);
  });

  test.runIf(realPgDump !== null && from <= realPgDump.major)('by pg_dump', async () => {
    const it = await stage(schema, [from, to]);
    await it.source.query(rows);
    const expected = await contents(it.source.conninfo);
    const ends = await makeHostile(it, 'both');
    await copyBetween(it, ends, tables, byDump(ends.from));
    expect(await contents(it.target.conninfo)).toEqual(expected);
  });

  // gin_fuzzy_search_limit: an index that says how many rows it feels like returning.
  test.runIf(from >= 15)('a row filter finds all of its rows', async () => {
    const it = await stage(schema, [from, to]);
    await it.source.query(documents);
    await it.source.query(
      `CREATE PUBLICATION chosen FOR TABLE filtered WHERE (doc @> '{"k": "x"}')`,
    );
    const ends = await makeHostile(it, 'both');
    const publications = ['chosen'];
    const result = await copyBetween(it, ends, names('filtered'), { publications, tuning: {} });
    expect(result.rows).toBe(2000);
  });
});
