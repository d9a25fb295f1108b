// Partitions that are sent by their root and whose rows are in another file than when they were marked: VACUUM FULL and
// CLUSTER keep what was copied true; TRUNCATE of a partition alone is not sent.

import { expect, test } from 'vitest';
import { readReplacedTables } from '../../../src/catalog/copies/read-replaced-tables.ts';
import { readTableMarks } from '../../../src/catalog/copies/read-table-marks.ts';
import { openSession } from '../../../src/postgres/session.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { names } from './copy-under-test.ts';

const ends = [...new Set([Math.min(...majors), Math.max(...majors)])];

test.each(ends)('%i: a partition that keeps its rows was not truncated', async (major) => {
  const database = await cluster.database(major);
  await database.query(`
    CREATE TABLE parts (id int, note text) PARTITION BY RANGE (id);
    CREATE TABLE a PARTITION OF parts FOR VALUES FROM (0) TO (10);
    CREATE TABLE b PARTITION OF parts FOR VALUES FROM (10) TO (20);
    CREATE INDEX by_id ON b (id);
    CREATE TABLE slim (id int) PARTITION BY RANGE (id);
    CREATE TABLE c PARTITION OF slim FOR VALUES FROM (0) TO (10);
    CREATE TABLE d PARTITION OF slim FOR VALUES FROM (10) TO (20);
    INSERT INTO parts SELECT n, 'first' FROM generate_series(0, 19) n;
    INSERT INTO slim SELECT n FROM generate_series(0, 19) n;
    CREATE PUBLICATION p FOR TABLE parts, slim WITH (publish_via_partition_root)`);
  const [last] = await database.query<{ readonly xid: string }>(
    'SELECT pg_current_xact_id()::text AS xid',
  );
  await waitFor('the end of transactions that are older than the rows', async () => {
    const [row] = await database.query<{ readonly ended: boolean }>(
      `SELECT pg_snapshot_xmin(pg_current_snapshot()) > '${last?.xid}'::xid8 AS ended`,
    );
    return row?.ended === true;
  });
  const session = await openSession(database.conninfo, {
    node: 'n',
    applicationName: 'steep',
    readOnly: true,
  });
  const marks = await readTableMarks(session, names('parts', 'slim'), ['p']);
  const replaced = async () =>
    (await readReplacedTables(session, marks, ['p'])).map((it) => it.replaced);

  for (const statement of [
    'VACUUM FULL a',
    'CLUSTER b USING by_id',
    'VACUUM FULL c',
    'VACUUM FULL d',
  ])
    await database.query(statement);
  expect(await replaced()).toEqual([]);

  await database.query(
    'TRUNCATE a; INSERT INTO a SELECT n FROM generate_series(0, 9) n; TRUNCATE d',
  );
  await database.query('VACUUM FULL a');
  expect(await replaced()).toEqual([
    'partition public.a was truncated on the source',
    'partition public.d was truncated on the source',
  ]);
  await session.close();
});
