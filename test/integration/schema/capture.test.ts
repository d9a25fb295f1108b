// steep schema capture: every node keeps the fingerprints of all, and psql compares them.

import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';

const compared = `SELECT table_name, status FROM steep_repl.compare_fingerprints('primary', 'reporting')`;

test('capture, then compare_fingerprints() on each node; again after a change', async () => {
  const primary = await cluster.database(majors[0] ?? newestMajor);
  const reporting = await cluster.database(newestMajor);
  const project = await createProject({ primary: primary.url, reporting: reporting.url }, {});
  await primary.query('CREATE TABLE a (id int); CREATE SCHEMA s; CREATE TABLE s.b (id int)');
  await reporting.query('CREATE TABLE a (id int)');
  await installMetadata(primary);
  const early = await project.steep('schema', 'capture', '--json');
  expect(early.code).toBe(1);
  expect(JSON.parse(early.stdout)).toMatchObject({ error: { code: 'METADATA_OUTDATED' } });
  expect(await primary.query('SELECT * FROM steep_repl.schema_fingerprints')).toEqual([]);
  await installMetadata(reporting);

  const { code, stdout, stderr } = await project.steep('schema', 'capture');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe('primary: 2 tables captured.\nreporting: 1 table captured.\n');
  for (const database of [primary, reporting]) {
    expect(await database.query(compared)).toEqual([
      { table_name: 'a', status: 'MATCH' },
      { table_name: 'b', status: 'LOCAL_ONLY' },
    ]);
  }

  await primary.query('DROP TABLE s.b; ALTER TABLE a ADD x int; CREATE TABLE c (id int)');
  const one = await runCli([
    'schema',
    'capture',
    '-c',
    primary.url,
    '--as',
    'primary',
    '--tables',
    'a',
  ]);
  expect(one.code).toBe(0);
  expect(await primary.query(compared)).toEqual([
    { table_name: 'a', status: 'MISMATCH' },
    { table_name: 'b', status: 'LOCAL_ONLY' },
  ]);
  const schema = await project.steep(
    'schema',
    'capture',
    '--node',
    'primary',
    '--schema',
    's',
    '--schema',
    'public',
  );
  expect(schema.code).toBe(0);
  expect(await primary.query(compared)).toEqual([
    { table_name: 'a', status: 'MISMATCH' },
    { table_name: 'c', status: 'LOCAL_ONLY' },
  ]);
  expect(await reporting.query(compared)).toHaveLength(2);
  const nameless = await runCli(['schema', 'capture', '-c', primary.url]);
  expect(nameless.code).toBe(64);
});
