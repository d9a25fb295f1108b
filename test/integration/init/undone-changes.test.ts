// What is changed on the source while a copy runs, and undone before it ends: rows that are written in between are in the slot
// under another name or type, or are not in it at all. The run stops, and the same command copies these tables again.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

interface Change {
  readonly create: string;
  readonly rows: string;
  readonly statements: readonly string[];
  /** Said of the table; null: nothing, as it stays a copy of its source. */
  readonly said: string | null;
}

const swap = (kind: string, first: string, second: string): readonly string[] => [
  `${kind} ${first} TO q`,
  `${kind} ${second} TO ${first}`,
  `${kind} q TO ${second}`,
];
const swapTables = [
  'ALTER TABLE one RENAME TO q',
  'ALTER TABLE another RENAME TO one',
  'ALTER TABLE q RENAME TO another',
];
const swapColumns = swap('ALTER TABLE swapped RENAME', 'a', 'b');

const text = '(id int PRIMARY KEY, a text, b text)';
const rows = `SELECT n, 'a', 'b' FROM generate_series(1, 500) n`;
const renamed = 'it was renamed, or moved to another schema, and back again on the source';
const altered = 'the type of a column was altered on the source';

/** By table. */
const changes: Readonly<Record<string, Change>> = {
  one: {
    create: text,
    rows,
    statements: [
      ...swapTables,
      `INSERT INTO one SELECT n, 'late', 'late' FROM generate_series(1001, 1050) n`,
      ...swapTables,
    ],
    said: renamed,
  },
  another: { create: text, rows, statements: [], said: renamed },
  swapped: {
    create: text,
    rows,
    statements: [
      ...swapColumns,
      `INSERT INTO swapped VALUES (1001, 'late a', 'late b')`,
      ...swapColumns,
    ],
    said: 'column a was renamed, and renamed back on the source',
  },
  moved: {
    create: text,
    rows,
    statements: [
      'CREATE SCHEMA elsewhere',
      'ALTER TABLE moved SET SCHEMA elsewhere',
      `INSERT INTO elsewhere.moved VALUES (1001, 'late', 'late')`,
      'ALTER TABLE elsewhere.moved SET SCHEMA public',
    ],
    said: renamed,
  },
  unsent: {
    create: text,
    rows,
    statements: [
      'ALTER TABLE unsent SET UNLOGGED',
      `INSERT INTO unsent VALUES (1001, 'late', 'late')`,
      'ALTER TABLE unsent SET LOGGED',
    ],
    said: 'the rows of public.unsent were rewritten on the source, where it may have been UNLOGGED meanwhile',
  },
  labelled: {
    create: '(id int PRIMARY KEY, a mood)',
    rows: `SELECT n, CASE n % 2 WHEN 0 THEN 'sad' ELSE 'glad' END::mood FROM generate_series(1, 500) n`,
    statements: swap('ALTER TYPE mood RENAME VALUE', `'sad'`, `'glad'`).map((it) =>
      it.replace(/\bq\b/, `'q'`),
    ),
    said: altered,
  },
  composed: {
    create: '(id int PRIMARY KEY, a place)',
    rows: 'SELECT n, ROW(n, n)::place FROM generate_series(1, 500) n',
    statements: ['ALTER TYPE place DROP ATTRIBUTE y', 'ALTER TYPE place ADD ATTRIBUTE y int'],
    said: altered,
  },
  extended: {
    create: '(id int PRIMARY KEY, a colour[])',
    rows: `SELECT n, '{red}'::colour[] FROM generate_series(1, 500) n`,
    statements: [`ALTER TYPE colour ADD VALUE 'blue'`],
    said: null,
  },
};
const names = Object.keys(changes);
const types = `CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE place AS (x int, y int);
  CREATE TYPE colour AS ENUM ('red', 'green')`;

const edgeOf = async (major: number): Promise<Edge> => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project, topology } = edge;
  for (const database of [publisher, subscriber]) {
    await database.query(types);
    for (const [name, { create }] of Object.entries(changes)) {
      await database.query(`CREATE TABLE ${name} ${create}`);
    }
  }
  for (const [name, change] of Object.entries(changes)) {
    await publisher.query(`INSERT INTO ${name} ${change.rows}`);
  }
  // Too large for one transaction with the others.
  await publisher.query(`ALTER TABLE items ALTER note SET STORAGE PLAIN;
    INSERT INTO items SELECT n, repeat('large', 1500) FROM generate_series(1001, 2200) n`);
  await project.describe({
    ...topology,
    publications: { items: { node: 'publisher', schemas: ['public'] } },
  });
  return edge;
};

/** Until all tables but the large one are stored, which waits for a lock. */
const startCopy = async ({ project, subscriber }: Edge) => {
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  const complete = new Set<unknown>();
  await run.until(({ event, table }) => {
    if (event === 'init.table_complete') complete.add(table);
    return complete.size === names.length;
  });
  return { lock, run };
};

const expectSame = async ({ publisher, subscriber, project }: Edge): Promise<void> => {
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  const copied = ['items', ...names].map((name) => ({ schema: 'public', name }));
  await waitForSameRows(publisher, subscriber, copied);
};

const newest = Math.max(...majors);
// A publication of a whole schema is there from 15 on.
const chosen = lastByDay([...new Set([15, newest])].filter((it) => majors.includes(it)));

test.each(chosen)('%i: on the source', async (major) => {
  const edge = await edgeOf(major);
  const { lock, run } = await startCopy(edge);
  for (const { statements } of Object.values(changes)) {
    for (const statement of statements) await edge.publisher.query(statement);
  }
  await edge.subscriber.query(`ALTER TYPE colour ADD VALUE 'blue'`);
  await lock.commit();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toContain('COPY_TABLE_REPLACED');
  for (const [name, { said }] of Object.entries(changes)) {
    if (said === null) expect(stdout).not.toContain(`public.${name} (`);
    else expect(stdout).toContain(`public.${name} (${said})`);
  }
  await expectSame(edge);
});

test(`${newest}: labels of the subscriber`, async () => {
  const edge = await edgeOf(newest);
  const { lock, run } = await startCopy(edge);
  for (const statement of changes.labelled?.statements ?? []) {
    await edge.subscriber.query(statement);
  }
  await lock.commit();
  const { code, stdout, stderr } = await run.result;
  expect(code, stderr).toBe(6);
  expect(stdout).toContain('public.labelled (the type of a column was altered on the subscriber');
  await expectSame(edge);
});
