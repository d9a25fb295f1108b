// A manifest that names catalogs of PostgreSQL, or what steep remembers, as tables of the snapshot. steep loads as superuser.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTargets } from '../../../src/copy/read/read-targets.ts';
import { parseManifest, renderManifest } from '../../../src/snapshot/manifest/manifest.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';
import { open } from '../copy/copy-under-test.ts';

const widest = lastByDay(majors.filter((major) => major === 14 || major === 18));

const named = [
  { schema: 'pg_catalog', name: 'pg_db_role_setting' },
  { schema: 'information_schema', name: 'sql_features' },
  { schema: 'steep_repl', name: 'init_slots' },
];

test.each(widest)('PostgreSQL %i: nothing is loaded', async (major) => {
  const [source, target] = [await cluster.database(major), await cluster.database(major)];
  const columns = '(setdatabase oid, setrole oid, setconfig text[])';
  await source.query(`
    CREATE TABLE settings ${columns};
    INSERT INTO settings VALUES (0, 4000000000, '{work_mem=4MB}')`);
  await target.query(`CREATE TABLE settings ${columns}`);
  const project = await createProject({ primary: source.url, target: target.url }, {});
  const place = project.path('snap');
  const from = ['--node', 'primary', '--no-slot', '--output', place];
  const made = await project.steep('snapshot', 'generate', ...from);
  expect(made.code, made.stderr).toBe(0);
  const file = join(place, 'manifest.json');
  const manifest = parseManifest(await readFile(file, 'utf8'), place);

  for (const name of named) {
    const tables = manifest.tables.map((table) => ({ ...table, ...name }));
    await writeFile(file, renderManifest({ ...manifest, tables }));
    const into = ['--node', 'target', '--input', place, '--schema-sync', 'manual'];
    const refused = await project.steep('snapshot', 'apply', ...into);
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stderr).toContain(`names ${name.schema}.${name.name}: its schema belongs to`);
  }
  const settings = 'SELECT 1 FROM pg_db_role_setting WHERE setrole = 4000000000';
  expect(await target.query(settings)).toEqual([]);

  // Nor by a copy, whatever named them.
  await target.query('CREATE SCHEMA steep_repl; CREATE TABLE steep_repl.init_slots ()');
  const session = await open(target.conninfo, 'target');
  const targets = await readTargets(session, named);
  await session.close();
  expect(targets.map((it) => it?.kind)).toEqual(['reserved', 'reserved', 'reserved']);
});
