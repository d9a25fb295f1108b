// Tables that another session changes after a copy has filled them: the copy does not end as if they held its rows.

import { expect, test } from 'vitest';
import type { CopyRequest } from '../../../src/copy/copy-tables.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { type CopyStage, copy, hold, settle, subscription } from './copy-under-test.ts';
import { expectExact, filled, tables } from './two-tables.ts';

const oldest = Math.min(...majors);
const newest = Math.max(...majors);

/** Runs a copy whose `large` is filled, and its `small` not yet, while these statements run on the target. */
async function copyWhile(
  it: CopyStage,
  statements: string | readonly string[],
  changes: Partial<CopyRequest> = {},
) {
  const lock = await holdTransaction(it.target, 'LOCK TABLE small IN SHARE MODE');
  const run = copy(it, await hold(it), tables, { workers: 1, ...changes });
  run.catch(() => undefined);
  await waitFor('the copy to come to the second table', async () => {
    const waiting = await it.target.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
          AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%small%'`,
    );
    return waiting.length > 0;
  });
  for (const statement of [statements].flat()) await it.target.query(statement);
  await lock.commit();
  return run;
}

const tuning = { chunkBytes: 256 * 1024, deferFromBytes: 1e9 };

const changes = [
  ['emptied', 'TRUNCATE large', /rows are missing: 0 rows instead of 20000/],
  ['a row deleted', 'DELETE FROM large WHERE id = 77', /19999 rows instead of 20000/],
  ['a row updated', `UPDATE large SET note = 'mine' WHERE id = 77`, /1 of them not stored by/],
  ['a row inserted', `INSERT INTO large VALUES (-1, 'mine')`, /20001 rows instead of 20000, 1 of/],
  [
    'a row exchanged',
    `DELETE FROM large WHERE id = 77; INSERT INTO large VALUES (77, repeat('x', 100))`,
    /inserted or updated after the copy: 20000 rows instead of 20000, 1 of/,
  ],
  [
    'dropped and created again',
    'DROP TABLE large; CREATE TABLE large (id int PRIMARY KEY, note text)',
    /0 rows instead of 20000/,
  ],
  ['written again', 'ALTER TABLE large ALTER id TYPE bigint', /20000 of them not stored by/],
] as const;

test.each(
  lastByDay([oldest, newest]).flatMap((major) =>
    changes.map((change) => [major, ...change] as const),
  ),
)('PostgreSQL %i: %s during the copy is found', async (major, _what, statements, says) => {
  const it = await filled([major, major]);
  await expect(copyWhile(it, statements, { tuning })).rejects.toMatchObject({
    code: 'COPY_CHANGED',
    message: expect.stringMatching(says) as unknown,
  });
});

test('what leaves the rows as they were is not taken for a change', async () => {
  const it = await filled();
  const harmless = [
    'DELETE FROM large WHERE id = 0',
    'SELECT count(*) FROM (SELECT FROM large FOR UPDATE) AS t',
    'ALTER TABLE large ADD COLUMN more int; ALTER TABLE large DROP COLUMN more',
    'VACUUM (FULL, FREEZE) large',
    'CLUSTER large USING large_pkey',
  ];
  await copyWhile(it, harmless, { tuning });
  await expectExact(it);
});

const partitioned = `
  DROP TABLE large;
  CREATE TABLE large (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE large_1 PARTITION OF large FOR VALUES FROM (0) TO (9000);
  CREATE TABLE large_2 PARTITION OF large DEFAULT`;

test.each(lastByDay([oldest, newest]))(
  'PostgreSQL %i: rows are looked at in the partitions that hold them',
  async (major) => {
    const same = await filled([major, major]);
    await same.target.query(partitioned);
    await copyWhile(same, 'SELECT', { tuning });
    await expectExact(same);
    const other = await filled([major, major]);
    await other.target.query(partitioned);
    await expect(
      copyWhile(other, `UPDATE large_2 SET note = 'mine' WHERE id = 9001`, { tuning }),
    ).rejects.toMatchObject({
      code: 'COPY_CHANGED',
      message: expect.stringMatching(
        /public\.large \(.*20000 rows instead of 20000, 1 of them/,
      ) as unknown,
    });
  },
);

test('it is not looked for where the copy is asked not to', async () => {
  const it = await filled();
  const result = await copyWhile(it, 'DELETE FROM large WHERE id = 77', {
    tuning,
    unchecked: true,
  });
  expect(result.rows).toBe(23_000);
});

test('an index that came back with a table that was created again is not made twice', async () => {
  const it = await filled();
  const indexes = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`;
  const before = await it.target.query(indexes);
  await it.target.query(`
    INSERT INTO steep_repl.copy_postponed (subscription, id, table_schema, table_name, kind, name, statements) VALUES
      ('${subscription}', 1, 'public', 'large', 'index', 'large_note_idx',
       '{CREATE INDEX large_note_idx ON public.large USING btree (note)}'),
      ('${subscription}', 2, 'public', 'large', 'index', 'large_pkey',
       '{CREATE UNIQUE INDEX large_pkey ON public.large USING btree (id)}'),
      ('${subscription}', 3, 'public', 'large', 'constraint', 'large_pkey',
       '{ALTER TABLE public.large ADD CONSTRAINT large_pkey PRIMARY KEY USING INDEX large_pkey}')`);
  await settle(it, []);
  expect(await it.target.query(indexes)).toEqual(before);
  expect(await it.target.query('SELECT FROM steep_repl.copy_postponed')).toEqual([]);
});
