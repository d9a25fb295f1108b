// Functions and collations that the tables of a snapshot need: examined and agreed to before they are created.

import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseManifest, renderManifest } from '../../../src/snapshot/manifest/manifest.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';

/** In the place of the function that a manifest describes. */
const attacks = [
  'ALTER TABLE shop.orders DROP COLUMN name',
  'DROP FUNCTION shop.f()',
  'CREATE FUNCTION pg_catalog.f() RETURNS int RETURN 1',
  'CREATE FUNCTION shop.f() RETURNS int SECURITY DEFINER RETURN 1',
  `CREATE FUNCTION shop.f() RETURNS int LANGUAGE c AS 'x', 'y'`,
];

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

test.each(widest)(
  'PostgreSQL %i: functions and collations come with their tables, after consent; those with the rights of their owner do not',
  async (major) => {
    const source = await cluster.database(major);
    const target = await cluster.database(widest.at(-1) ?? major);
    await source.query(`
      CREATE SCHEMA shop;
      CREATE COLLATION shop.german (provider = icu, locale = 'de', deterministic = false);
      CREATE FUNCTION shop.one() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
      CREATE FUNCTION shop.positive(n int) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN n >= shop.one();
      CREATE DOMAIN shop.amount AS int CHECK (shop.positive(VALUE));
      CREATE TABLE shop.orders (id int PRIMARY KEY, name text COLLATE shop.german, amount shop.amount);
      INSERT INTO shop.orders VALUES (1, 'a', 2)`);
    const project = await createProject({ primary: source.url, target: target.url }, {});
    const made = async (place: string) =>
      project.steep('snapshot', 'generate', '--node', 'primary', '--no-slot', '--output', place);
    const first = await made(project.path('one'));
    expect(first.code, first.stderr).toBe(0);
    const load = (place: string, ...flags: readonly string[]) =>
      project.steep(
        'snapshot',
        'apply',
        '--node',
        'target',
        '--input',
        place,
        '--schema-sync',
        'auto',
        ...flags,
      );
    const path = project.path('one/manifest.json');
    const original = await readFile(path, 'utf8');
    const { definitions, ...manifest } = parseManifest(original, '');
    if (definitions === undefined) throw new Error('It describes its tables.');
    for (const definition of attacks) {
      const objects = [{ kind: 'function', schema: 'shop', name: 'shop.f()', definition } as const];
      await writeFile(
        path,
        renderManifest({ ...manifest, definitions: { ...definitions, objects } }),
      );
      const attacked = await load(project.path('one'));
      expect([definition, attacked.code]).toEqual([definition, 3]);
      expect(attacked.stderr).toContain('SNAPSHOT_SCHEMA_REFUSED');
    }
    await writeFile(path, original);
    const asked = await load(project.path('one'));
    expect(asked.code).toBe(64);
    expect(asked.stdout).toContain('CREATE FUNCTION shop.positive(n integer)');
    const objects = ['function.shop.one', 'function.shop.positive', 'type.shop.amount'];
    const agreed = await load(
      project.path('one'),
      ...objects.flatMap((it) => ['--allow-hazard', `SCHEMA_CARRIES_CODE=target/${it}`]),
    );
    expect(agreed.code, agreed.stdout + agreed.stderr).toBe(0);
    expect(await target.query('SELECT * FROM shop.orders')).toEqual([
      { id: 1, name: 'a', amount: 2 },
    ]);
    await target.query('DROP SCHEMA shop CASCADE');
    await source.query('ALTER FUNCTION shop.one() SECURITY DEFINER');
    const second = await made(project.path('two'));
    expect(second.code, second.stderr).toBe(0);
    const other = parseManifest(await readFile(project.path('two/manifest.json'), 'utf8'), '');
    expect(other.definitions?.objects?.map(({ name }) => name)).toEqual([
      'shop.german',
      'shop.positive(integer)',
    ]);
    const refused = await load(
      project.path('two'),
      ...objects.flatMap((it) => ['--allow-hazard', `SCHEMA_CARRIES_CODE=target/${it}`]),
    );
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stderr).toContain('SNAPSHOT_SCHEMA_REFUSED');
    expect(refused.stderr).toContain('function shop.one()');
    expect(await target.query(`SELECT to_regnamespace('shop') AS n`)).toEqual([{ n: null }]);
  },
);
