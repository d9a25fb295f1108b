// Fingerprints from psql: the functions of steep_repl say what steep itself reads, whatever the session is set to.

import { describe, expect, test } from 'vitest';
import { runMigrations } from '../../../src/metadata/migrate.ts';
import { metadataVersion } from '../../../src/model/state/metadata-version.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { parseDefinition } from '../../../src/schema/read-definitions.ts';
import { corpusFor } from '../../support/plans/schema-corpus.ts';
import { definitionsIn, fingerprintsOf } from '../../support/plans/schema-reading.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { createEdge } from '../../support/worlds/edge.ts';
import { installMetadata } from '../catalog/metadata.ts';

const odd = `SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'; SET quote_all_identifiers = on;
  SET IntervalStyle = 'sql_standard'; SET extra_float_digits = 0; SET bytea_output = 'escape'; SET search_path = shop`;

interface Captured {
  readonly table_schema: string;
  readonly table_name: string;
  readonly fingerprint: string;
  readonly replication_fingerprint: string;
  readonly column_count: number;
  readonly definition: Parameters<typeof parseDefinition>[1];
}

const captured = (database: TestDatabase, node: string): Promise<Captured[]> =>
  database.query(
    `SELECT table_schema, table_name, fingerprint, replication_fingerprint, column_count, definition
       FROM steep_repl.schema_fingerprints WHERE node_id = $1
      ORDER BY table_schema COLLATE "C", table_name COLLATE "C"`,
    [node],
  );

describe.each(majors)('PostgreSQL %i', (major) => {
  test('capture_all_fingerprints() keeps what steep reads, and so says compute_fingerprint()', async () => {
    const database = await cluster.database(major);
    await installMetadata(database);
    await database.query(corpusFor(major));
    await database.query(odd);
    const read = await fingerprintsOf(database);
    const [count] = await database.query(
      `SELECT steep_repl.capture_all_fingerprints('n') AS count`,
    );
    expect(count).toEqual({ count: read.length });
    const rows = await captured(database, 'n');
    expect(rows.map(({ definition: _, ...row }) => row)).toEqual(
      read.map(({ name, strict, replication, columnCount }) => ({
        table_schema: name.schema,
        table_name: name.name,
        fingerprint: strict,
        replication_fingerprint: replication,
        column_count: columnCount,
      })),
    );
    const parsed = rows.map(({ table_schema: schema, table_name: name, definition }) =>
      parseDefinition({ schema, name }, definition),
    );
    expect(parsed).toEqual(await definitionsIn(database));
    const computed = await database.query<{ readonly f: string }>(
      `SELECT steep_repl.compute_fingerprint('shop', 'orders') AS f
        UNION ALL SELECT steep_repl.compute_fingerprint('shop', 'no such table')
        UNION ALL SELECT steep_repl.compute_fingerprint(NULL, NULL)`,
    );
    const orders = read.find(({ name }) => name.name === 'orders')?.strict;
    expect(computed).toEqual([{ f: orders }, { f: null }, { f: null }]);
  });
});

test('a second capture replaces the first', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  await database.query(`CREATE TABLE a (id int); CREATE TABLE b (id int);
    SELECT steep_repl.capture_all_fingerprints('n'); SELECT steep_repl.capture_all_fingerprints('other');
    DROP TABLE a; ALTER TABLE b ADD x int; SELECT steep_repl.capture_all_fingerprints('n')`);
  const names = (await captured(database, 'n')).map((row) => [row.table_name, row.column_count]);
  expect(names).toEqual([['b', 2]]);
  expect(await captured(database, 'other')).toHaveLength(2);
});

test('compare_fingerprints() has four words', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  await database.query(`CREATE TABLE same (id int); CREATE TABLE changed (id int); CREATE TABLE here (id int);
    SELECT steep_repl.capture_all_fingerprints('local');
    ALTER TABLE changed ADD x int; DROP TABLE here; CREATE TABLE there (id int);
    SELECT steep_repl.capture_all_fingerprints('peer')`);
  const rows = await database.query(
    `SELECT table_name, status, local_fingerprint IS NULL AS no_local, peer_fingerprint IS NULL AS no_peer
       FROM steep_repl.compare_fingerprints('local', 'peer')`,
  );
  expect(rows).toEqual([
    { table_name: 'changed', status: 'MISMATCH', no_local: false, no_peer: false },
    { table_name: 'here', status: 'LOCAL_ONLY', no_local: false, no_peer: true },
    { table_name: 'same', status: 'MATCH', no_local: false, no_peer: false },
    { table_name: 'there', status: 'REMOTE_ONLY', no_local: true, no_peer: false },
  ]);
  await expect(
    database.query(`SELECT * FROM steep_repl.compare_fingerprints('local', 'nobody')`),
  ).rejects.toMatchObject({
    message: 'no fingerprints of node "nobody" were captured on this node',
  });
});

// hold_names takes locks that PostgreSQL permits only to superusers; nobody else may call it unless its owner grants that.
test('the functions run with the rights of who calls them, have a comment, and no search_path', async () => {
  const database = await cluster.database(newestMajor);
  await installMetadata(database);
  const unfit = await database.query(`
    SELECT p.proname FROM pg_proc AS p
     WHERE p.pronamespace = 'steep_repl'::regnamespace
       AND (p.prosecdef AND p.proname <> 'hold_names' OR obj_description(p.oid, 'pg_proc') IS NULL AND p.prorettype <> 'trigger'::regtype
            OR NOT p.proconfig @> ARRAY['search_path=""'])`);
  expect(unfit).toEqual([]);
});

test.each(majors)(
  'version 1 on PostgreSQL %i is upgraded, and keeps what it holds',
  async (major) => {
    const database = await cluster.database(major);
    await installMetadata(database, 1);
    await database.query(`SELECT steep_repl.register_node('n', 'n', NULL, NULL, 70)`);
    const session = await openSession(database.conninfo, { node: 'n', applicationName: 'test' });
    await session.transaction({}, () => runMigrations(session, 1, metadataVersion, 'test'));
    await session.close();
    expect(await database.query('SELECT * FROM steep_repl.health()')).toEqual([]);
    expect(
      await database.query('SELECT max(version) AS version FROM steep_repl.schema_version'),
    ).toEqual([{ version: metadataVersion }]);
    const [count] = await database.query(
      `SELECT steep_repl.capture_all_fingerprints('n') AS count`,
    );
    expect(count).toEqual({ count: 0 });
  },
);

test('apply upgrades nodes of version 1', async () => {
  const { project, publisher, subscriber } = await createEdge();
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  for (const database of [publisher, subscriber]) {
    await database.query(`DROP SCHEMA steep_repl CASCADE`);
    await installMetadata(database, 1);
  }
  const plan = await project.steep('plan');
  expect(plan.stdout).toContain(`upgrade from version 1 to ${metadataVersion}`);
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  const again = await project.steep('plan', '--detailed-exitcode');
  expect(again.stdout).toContain('No changes.');
  expect(again.code).toBe(0);
});
