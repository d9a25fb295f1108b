// A table that joins what is published while steep copies is never taken for copied: the run stops, and the same command
// copies it too.

import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

const widest = lastByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);

const edgeOf = async (major: number, tables: string, published: string): Promise<Edge> => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  for (const database of [edge.publisher, edge.subscriber]) await database.query(tables);
  await edge.project.describe({
    ...edge.topology,
    publications: { items: { node: 'publisher', tables: ['items', published] } },
  });
  return edge;
};

const expectSame = async ({ publisher, subscriber, project }: Edge, ...names: string[]) => {
  await waitForSameRows(
    publisher,
    subscriber,
    names.map((name) => ({ schema: 'public', name })),
  );
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
};

test.each(widest)('%i: a partition that is attached while its root is copied', async (major) => {
  const edge = await edgeOf(
    major,
    `CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
     CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000);
     CREATE TABLE late (id int PRIMARY KEY, note text)`,
    'parts',
  );
  const { publisher, subscriber, project } = edge;
  await publisher.query(`INSERT INTO parts SELECT n, 'early' FROM generate_series(1, 500) n;
    INSERT INTO late SELECT n, 'late' FROM generate_series(1001, 1500) n`);
  const attach = 'ALTER TABLE parts ATTACH PARTITION late FOR VALUES FROM (1000) TO (2000)';
  await subscriber.query(attach);
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'copy-tables');
  await run.until(({ event }) => event === 'init.state_change' || event === 'init.table_started');
  await publisher.query(attach);
  await lock.commit();
  const { code, stdout } = await run.result;
  if (code !== 0) {
    expect(stdout).toContain('COPY_PUBLICATION_CHANGED');
    const again = await project.steep('apply', '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
  }
  await expectSame(edge, 'parts', 'early', 'late');
});

test.each(widest)(
  '%i: a partition that is detached while it is copied by itself',
  async (major) => {
    const edge = await edgeOf(
      major,
      `CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
     CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000);
     CREATE TABLE late PARTITION OF parts FOR VALUES FROM (1000) TO (2000)`,
      'parts',
    );
    const { publisher, subscriber, project } = edge;
    await publisher.query(`INSERT INTO parts SELECT n, 'first' FROM generate_series(1, 1500) n`);
    const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
    const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
    await run.until(({ event }) => event === 'init.table_started');
    await publisher.query('ALTER TABLE parts DETACH PARTITION late');
    await publisher.query(`UPDATE late SET note = 'second'`);
    await lock.commit();
    const first = await run.result;
    expect(first.code, first.stderr).toBe(6);
    expect(first.stdout).toContain('public.late was detached or dropped');
    expect((await project.steep('plan')).stdout).toMatch(/empty the tables .*public\.late/);
    const again = await project.steep('apply', '--auto-approve');
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await expectSame(edge, 'items', 'parts', 'early');
  },
);

const partitioned = `
  CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000);
  CREATE TABLE late PARTITION OF parts FOR VALUES FROM (1000) TO (2000);
  CREATE TABLE deep PARTITION OF parts FOR VALUES FROM (2000) TO (3000) PARTITION BY RANGE (id);
  CREATE TABLE deepest PARTITION OF deep FOR VALUES FROM (2000) TO (2500)`;

/**
 * The subscriber has one table; statements run on the publisher when the rows of the partitions are stored. The other
 * table is too large for one transaction with them.
 */
const copiedViaRoot = async (major: number, statements: readonly string[]) => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project } = edge;
  await publisher.query(partitioned);
  await publisher.query(`
    INSERT INTO parts SELECT n, 'first' FROM generate_series(1, 2400, 4) n;
    ALTER TABLE items ALTER note SET STORAGE PLAIN;
    INSERT INTO items SELECT n, repeat('large', 1500) FROM generate_series(1001, 2200) n`);
  await subscriber.query('CREATE TABLE parts (id int PRIMARY KEY, note text)');
  const publication = { node: 'publisher', tables: ['items', 'parts'] };
  await project.describe({
    ...edge.topology,
    publications: { items: { ...publication, publish_via_partition_root: true } },
  });
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(({ event }) => event === 'init.table_complete');
  for (const statement of statements) await publisher.query(statement);
  await lock.commit();
  return { edge, first: await run.result };
};

const moved: readonly (readonly [what: string, why: string, ...statements: readonly string[]])[] = [
  [
    'detached, changed, and attached again',
    'public.late was detached and attached again',
    'ALTER TABLE parts DETACH PARTITION late',
    `UPDATE late SET note = 'second'`,
    'ALTER TABLE parts ATTACH PARTITION late FOR VALUES FROM (1000) TO (2000)',
  ],
  [
    'detached with what it is a part of, changed, and attached again',
    'public.deep was detached and attached again',
    'ALTER TABLE parts DETACH PARTITION deep',
    `UPDATE deepest SET note = 'second'`,
    'ALTER TABLE parts ATTACH PARTITION deep FOR VALUES FROM (2000) TO (3000)',
  ],
  [
    'detached',
    'public.late was detached or dropped',
    'ALTER TABLE parts DETACH PARTITION late',
    `INSERT INTO parts VALUES (0, 'second')`,
  ],
  [
    'dropped and created again',
    'public.late was detached or dropped',
    'DROP TABLE late',
    'CREATE TABLE late PARTITION OF parts FOR VALUES FROM (1000) TO (2000)',
    `INSERT INTO parts SELECT n, 'second' FROM generate_series(1001, 1500) n`,
  ],
  ['truncated alone', 'public.late was truncated', 'TRUNCATE late'],
  [
    'attached with rows',
    'public.more was attached on the source, with rows from before',
    'CREATE TABLE more (LIKE parts INCLUDING ALL)',
    `INSERT INTO more SELECT n, 'second' FROM generate_series(3000, 3500) n`,
    'ALTER TABLE parts ATTACH PARTITION more FOR VALUES FROM (3000) TO (4000)',
  ],
  [
    'attached with what it is a part of, with rows',
    'public.lower was attached on the source, with rows from before',
    'CREATE TABLE upper (LIKE parts INCLUDING ALL) PARTITION BY RANGE (id)',
    'CREATE TABLE lower PARTITION OF upper FOR VALUES FROM (3000) TO (3500)',
    `INSERT INTO upper SELECT n, 'second' FROM generate_series(3000, 3400) n`,
    'ALTER TABLE parts ATTACH PARTITION upper FOR VALUES FROM (3000) TO (4000)',
  ],
];

describe.each(widest)(
  '%i: a partition of a table that is copied and sent by its root is',
  (major) => {
    // What the oldest would only repeat is left out.
    test.each(major === Math.max(...majors) ? moved : moved.slice(3, 4))(
      '%s',
      async (_what, why, ...statements) => {
        const { edge, first } = await copiedViaRoot(major, statements);
        expect(first.code, first.stderr).toBe(6);
        expect(first.stdout).toContain('COPY_TABLE_REPLACED');
        expect(first.stdout).toContain(why);
        const again = await edge.project.steep('apply', '--auto-approve');
        expect(again.code, again.stdout + again.stderr).toBe(0);
        await edge.publisher.query('DELETE FROM parts WHERE id = 5');
        await expectSame(edge, 'items', 'parts');
      },
    );

    test.each([
      ['created', ['CREATE TABLE more PARTITION OF parts FOR VALUES FROM (3000) TO (4000)']],
      [
        'attached empty',
        [
          'CREATE TABLE more (LIKE parts INCLUDING ALL)',
          'ALTER TABLE parts ATTACH PARTITION more FOR VALUES FROM (3000) TO (4000)',
        ],
      ],
    ])('%s: its rows come by the slot', async (_what, statements) => {
      const rows = `INSERT INTO parts SELECT n, 'second' FROM generate_series(3000, 3500) n`;
      const { edge, first } = await copiedViaRoot(major, [...statements, rows]);
      expect(first.code, first.stdout + first.stderr).toBe(0);
      await expectSame(edge, 'items', 'parts');
    });
  },
);
