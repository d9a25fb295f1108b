// Rows that differ have another hash, whatever the type and however the difference hides; rows that are the same have
// the same hash on every major, whatever the settings of the role.

import { describe, expect, test } from 'vitest';
import { readHashVersion } from '../../../src/compare/hash-version.ts';
import { hashTables } from '../../../src/compare/table-hash.ts';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { setHostile } from '../../support/worlds/hostile-settings.ts';
import { different, types } from './values.ts';

const withSession = async <T>(
  conninfo: Conninfo,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const session = await openSession(conninfo, {
    node: 'n',
    applicationName: 'test',
    readOnly: true,
  });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
};

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const baseOf = (type: string): string => type.replace(/ COLLATE .*/, '');

/** One table for each type, with a number for each value in the order above; the last row is NULL. */
const zoo = different
  .map(([type, ...values], index) => {
    const rows = [...values.map((value) => `(${quoted(value)}::${baseOf(type)})`), '(NULL)'];
    return `CREATE TABLE t${index} (v ${type}); INSERT INTO t${index} VALUES ${rows.join(', ')};`;
  })
  .join('\n');

/** One table for each row of those. */
const apart = different
  .map(([type, ...values], index) =>
    [...values.map((value) => `${quoted(value)}::${baseOf(type)}`), `NULL`]
      .map(
        (value, row) =>
          `CREATE TABLE t${index}_${row} (v ${type}); INSERT INTO t${index}_${row} VALUES (${value});`,
      )
      .join(' '),
  )
  .join('\n');

const named = (...names: readonly string[]) => names.map((name) => ({ schema: 'public', name }));

describe('one value', () => {
  test.each(lastByDay([majors[0] ?? newestMajor, newestMajor]))(
    '%i: values that differ, and NULL, have hashes that differ',
    async (major) => {
      const database = await cluster.database(major);
      await database.query(`${types}\n${apart}`);
      const tables = different.flatMap(([, ...values], index) =>
        named(...[...values, null].map((_value, row) => `t${index}_${row}`)),
      );
      const hashes = await withSession(database.conninfo, (session) => hashTables(session, tables));
      for (const [index, [type, ...values]] of different.entries()) {
        const found = [...values, null].map(
          (_value, row) => hashes[`public.t${index}_${row}`]?.hash,
        );
        const doubles = found.flatMap((hash, row) =>
          found.indexOf(hash) === row ? [] : [[values[found.indexOf(hash)], values[row] ?? null]],
        );
        expect(doubles, type).toEqual([]);
      }
    },
  );
});

test('values of every type have the same hash on every major, whatever the settings of the role', async () => {
  const tables = named(...different.map((_type, index) => `t${index}`));
  const read = (conninfo: Conninfo) =>
    withSession(conninfo, async (session) => ({
      version: await readHashVersion(session),
      hashes: await hashTables(session, tables),
    }));
  const newest = await cluster.database(newestMajor);
  await newest.query(`${types}\n${zoo}`);
  const expected = await read(newest.conninfo);
  for (const major of majors) {
    const database = await cluster.database(major);
    // The types have other identifiers here.
    await database.query(`CREATE TYPE first AS ENUM ('x'); ${types}\n${zoo}`);
    expect(await read(await setHostile(database, 'database')), `PostgreSQL ${major}`).toEqual(
      expected,
    );
  }
});

describe('several rows', () => {
  const rows: readonly (readonly [what: string, columns: string, one: string, other: string])[] = [
    ['swapped numbers', 'a int, b int', '(1, 10), (2, 20)', '(1, 20), (2, 10)'],
    ['swapped texts', 'a text, b text', `('x', 'p'), ('y', 'q')`, `('x', 'q'), ('y', 'p')`],
    ['swapped columns of one row', 'a int, b int', '(1, 2)', '(2, 1)'],
    [
      'a swap in three rows',
      'a int, b text, c uuid',
      `(1, 'x', NULL), (2, 'y', NULL), (3, 'z', NULL)`,
      `(1, 'y', NULL), (2, 'z', NULL), (3, 'x', NULL)`,
    ],
    ['swapped signs', 'a int, b numeric', '(1, 5), (2, -5)', '(1, -5), (2, 5)'],
    ['swapped NULLs', 'a int, b int', '(1, NULL), (2, 0)', '(1, 0), (2, NULL)'],
    ['a NULL that moves to the next column', 'a text, b text', `('x', NULL)`, `(NULL, 'x')`],
    ['a text that moves to the next column', 'a text, b text', `('ab', 'c')`, `('a', 'bc')`],
    [
      'one row twice, another not at all',
      'a int, b int',
      '(1, 1), (1, 1), (2, 2)',
      '(1, 1), (2, 2), (2, 2)',
    ],
    [
      'swapped times',
      'a int, b timestamptz',
      `(1, '2026-01-01'), (2, '2026-01-02')`,
      `(1, '2026-01-02'), (2, '2026-01-01')`,
    ],
  ];

  test.each(lastByDay([majors[0] ?? newestMajor, newestMajor]))(
    '%i: what differs has another hash',
    async (major) => {
      const database = await cluster.database(major);
      for (const [index, [, columns, one, other]] of rows.entries()) {
        await database.query(`
        CREATE TABLE one_${index} (${columns}); INSERT INTO one_${index} VALUES ${one};
        CREATE TABLE other_${index} (${columns}); INSERT INTO other_${index} VALUES ${other}`);
      }
      await withSession(database.conninfo, async (session) => {
        for (const [index, [what]] of rows.entries()) {
          const found = await hashTables(session, named(`one_${index}`, `other_${index}`));
          const [one, other] = Object.values(found);
          expect(one?.hash, what).not.toBe(other?.hash);
        }
      });
    },
  );
});

test('columns that replication fills with the same values have the same hash', async () => {
  const database = await cluster.database(newestMajor);
  await database.query(`
    CREATE TABLE narrow (a smallint, b int, c varchar(9), d numeric(8,2), e int, f bpchar(4));
    INSERT INTO narrow VALUES (-1, 7, 'x', 1.50, 12, 'y'), (NULL, NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE wide (f text, e numeric, d numeric(12,4), c text, b bigint, a int);
    INSERT INTO wide SELECT rpad(f, 4), e, d, c, b, a FROM narrow`);
  const [narrow, wide] = Object.values(
    await withSession(database.conninfo, (session) => hashTables(session, named('narrow', 'wide'))),
  );
  expect(wide).toEqual(narrow);
});

describe('code of users', () => {
  test('a cast to text is never called', async () => {
    const database = await cluster.database(newestMajor);
    await database.query(`
      CREATE TYPE mood AS ENUM ('low', 'high');
      CREATE TYPE pair AS (a int, b mood);
      CREATE FUNCTION evil(mood) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'the cast ran'; END $$;
      CREATE FUNCTION evil(pair) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'the cast ran'; END $$;
      CREATE CAST (mood AS text) WITH FUNCTION evil(mood) AS IMPLICIT;
      CREATE CAST (pair AS text) WITH FUNCTION evil(pair) AS IMPLICIT;
      CREATE TABLE t (m mood, p pair, ms mood[]);
      INSERT INTO t VALUES ('low', '(1,high)', '{low}')`);
    await expect(database.query('SELECT m::text FROM t')).rejects.toThrow('the cast ran');
    const hashes = await withSession(database.conninfo, (session) =>
      hashTables(session, named('t')),
    );
    expect(hashes['public.t']?.rows).toBe(1);
  });

  test('a type of an extension is hashed; one that a procedural language writes is refused, by name', async () => {
    const database = await cluster.database(newestMajor);
    await database.query(`
      CREATE TYPE own;
      CREATE FUNCTION own_in(cstring) RETURNS own LANGUAGE internal STRICT IMMUTABLE AS 'textin';
      CREATE FUNCTION own_out(own) RETURNS cstring LANGUAGE internal STRICT IMMUTABLE AS 'textout';
      CREATE TYPE own (INPUT = own_in, OUTPUT = own_out, LIKE = text);
      CREATE DOMAIN own_domain AS own;
      CREATE TYPE holder AS (x int, own own_domain);
      CREATE TABLE t (id int, "Held" holder[], o own);
      INSERT INTO t VALUES (1, ARRAY[ROW(1, 'a')]::holder[], 'a'), (2, NULL, NULL)`);
    const hash = (columns?: readonly string[]) =>
      withSession(database.conninfo, (session) =>
        hashTables(session, [{ schema: 'public', name: 't', ...(columns && { columns }) }]),
      );
    const before = await hash();
    await database.query(`UPDATE t SET o = 'b' WHERE id = 1`);
    expect(await hash()).not.toEqual(before);
    // No statement makes such a function: the catalog is changed manually.
    await database.query(`
      UPDATE pg_proc SET prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
       WHERE oid = 'own_out'::regproc`);
    await expect(hash()).rejects.toMatchObject({
      code: 'HASH_TYPE_UNTRUSTED',
      exit: 3,
      message: expect.stringContaining('public.t.Held (public.own), public.t.o (public.own)'),
    });
    expect((await hash(['id']))['public.t']?.rows).toBe(2);
  });
});
