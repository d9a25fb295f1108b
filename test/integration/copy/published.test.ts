// What is copied is what the publications publish: lists, filters, partitions, generated columns, encodings.

import { expect, test } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor, pairs } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { installMetadata } from '../catalog/metadata.ts';
import { copy, hold, names, publication, stage } from './copy-under-test.ts';

const filtering = pairs.filter(([from]) => from > 14);

const schema = `
  CREATE TABLE mixed (id int PRIMARY KEY, region text, secret text);
  CREATE TABLE parts (id int, region text, note text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
  CREATE TABLE parts_eu PARTITION OF parts FOR VALUES IN ('eu');
  CREATE TABLE parts_us (note text, region text NOT NULL, id int NOT NULL);
  ALTER TABLE parts ATTACH PARTITION parts_us FOR VALUES IN ('us');`;

const rows = `
  INSERT INTO mixed SELECT n, (ARRAY['eu', 'us', 'it''s; --'])[1 + n % 3], 'secret' FROM generate_series(1, 3000) n;
  INSERT INTO parts SELECT n, (ARRAY['eu', 'us'])[1 + n % 2], 'note' FROM generate_series(1, 3000) n;`;

test.each(filtering)(
  '%i to %i: column lists, and filters of several publications',
  async (from, to) => {
    const it = await stage(schema, [from, to]);
    await it.source.query(rows);
    await it.source.query(`
    CREATE PUBLICATION eu FOR TABLE mixed (id, region) WHERE (region = 'eu');
    CREATE PUBLICATION odd FOR TABLE mixed (region, id) WHERE (region = 'it''s; --' AND id < 1000);
    CREATE PUBLICATION roots FOR TABLE parts WHERE (id <= 500) WITH (publish_via_partition_root)`);
    const publications = ['eu', 'odd', 'roots'];
    await copy(it, await hold(it), names('mixed', 'parts'), { publications });
    const wanted = `SELECT id, region FROM mixed WHERE region = 'eu' OR (region = 'it''s; --' AND id < 1000) ORDER BY id`;
    expect(await it.target.query(`SELECT id, region FROM mixed ORDER BY id`)).toEqual(
      await it.source.query(wanted),
    );
    expect(await it.target.query('SELECT count(secret)::int AS n FROM mixed')).toEqual([{ n: 0 }]);
    expect(await it.target.query('SELECT count(*)::int AS n, max(id) AS max FROM parts')).toEqual([
      { n: 500, max: 500 },
    ]);
  },
);

test('a publication without a filter wins over those with one', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  await it.source.query(`CREATE PUBLICATION eu FOR TABLE mixed WHERE (region = 'eu')`);
  await copy(it, await hold(it), names('mixed'), { publications: ['eu', publication] });
  expect(await hashesOf(it.target, names('mixed'))).toEqual(
    await hashesOf(it.source, names('mixed')),
  );
});

test('publications that disagree about columns are refused, as is a table that is in none', async () => {
  const it = await stage(schema);
  await it.source.query(`
    CREATE PUBLICATION few FOR TABLE mixed (id); CREATE PUBLICATION more FOR TABLE mixed (id, region)`);
  const snapshot = await hold(it);
  for (const [publications, text] of [
    [['few', 'more'], 'public.mixed is published with different column lists'],
    [['few'], 'public.parts is not in the publications'],
  ] as const) {
    await expect(
      copy(it, snapshot, names('mixed', 'parts'), { publications }),
    ).rejects.toMatchObject({
      code: 'COPY_UNFIT',
      message: expect.stringContaining(text) as unknown,
    });
  }
});

test('partitions on one side only', async () => {
  const it = await stage(schema);
  await it.source.query(rows);
  await it.target.query(`
    DROP TABLE parts; CREATE TABLE parts (note text, id int, region text);
    DROP TABLE mixed; CREATE TABLE mixed (id int, region text, secret text) PARTITION BY LIST (region);
    CREATE TABLE mixed_eu PARTITION OF mixed FOR VALUES IN ('eu'); CREATE TABLE mixed_rest PARTITION OF mixed DEFAULT`);
  await it.source.query(
    'CREATE PUBLICATION roots FOR TABLE parts, mixed WITH (publish_via_partition_root)',
  );
  await copy(it, await hold(it), names('parts', 'mixed'), { publications: ['roots'] });
  expect(await hashesOf(it.target, names('parts', 'mixed'))).toEqual(
    await hashesOf(it.source, names('parts', 'mixed')),
  );
});

test.runIf(newestMajor >= 18)(
  'generated columns that are published arrive in plain ones',
  async () => {
    const it = await stage('CREATE TABLE g (id int PRIMARY KEY, twice int)');
    await it.source.query(`
    DROP TABLE g; CREATE TABLE g (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED);
    INSERT INTO g SELECT generate_series(1, 1000);
    CREATE PUBLICATION all_of_it FOR TABLE g WITH (publish_generated_columns = stored)`);
    await copy(it, await hold(it), names('g'), { publications: ['all_of_it'] });
    expect(await it.target.query('SELECT sum(twice)::int AS n FROM g')).toEqual([{ n: 1001000 }]);
  },
);

test('databases in different encodings', async () => {
  const server = await cluster.server(Math.min(...majors));
  const { superuser } = server;
  const made = await server.createDatabase();
  onTestFinished(() => made.drop());
  const name = `${made.name}_latin`;
  await made.query(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  const source = testDatabase(superuser, name);
  const it = await stage('CREATE TABLE "früh" (id int PRIMARY KEY, note text)');
  onTestFinished(() => source.drop());
  await source.query(`CREATE TABLE "früh" (id int PRIMARY KEY, note text); CREATE PUBLICATION ${publication} FOR ALL TABLES;
    INSERT INTO "früh" SELECT n, 'Müßiggang ' || n FROM generate_series(1, 1000) n`);
  const latin = { ...it, source };
  await copy(latin, await hold(latin), names('früh'));
  expect(
    await it.target.query(`SELECT count(*)::int AS n FROM "früh" WHERE note = 'Müßiggang ' || id`),
  ).toEqual([{ n: 1000 }]);
  // And back: what LATIN1 has no letter for is refused by the server, in its words.
  await installMetadata(source);
  await source.query('TRUNCATE "früh"');
  await it.target.query(
    `CREATE PUBLICATION ${publication} FOR TABLE "früh"; UPDATE "früh" SET note = '漢' WHERE id = 7`,
  );
  const back = { source: it.target, target: source, slot: `${it.slot}_back` };
  await expect(copy(back, await hold(back), names('früh'))).rejects.toMatchObject({
    message: expect.stringContaining('has no equivalent in encoding') as unknown,
  });
});
