// What the publisher renames is renamed on the subscriber, with all its values: also while apply stands still because the
// new name came first.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

const tables = `
  CREATE TYPE mood AS ENUM ('good', 'bad');
  ALTER TABLE items ADD mood mood DEFAULT 'bad', ADD "Old" int UNIQUE, ADD twice int GENERATED ALWAYS AS ("Old" * 2) STORED;
  CREATE TABLE parts (id int, day int, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000)`;

const rows = [
  { schema: 'public', name: 'items' },
  { schema: 'public', name: 'parts' },
];

const begin = async (): Promise<Edge> => {
  const edge = await createEdge();
  const { project, publisher, subscriber, topology } = edge;
  for (const database of [publisher, subscriber]) await database.query(tables);
  await publisher.query(`
    UPDATE items SET mood = 'good', "Old" = id WHERE id > 1;
    INSERT INTO parts SELECT n, n, 'part ' || n FROM generate_series(1, 50) n`);
  const subscriptions = topology.subscriptions as Record<string, object>;
  const publications = topology.publications as Record<string, object>;
  await project.describe({
    ...topology,
    publications: {
      items: { ...publications.items, tables: ['public.items', 'public.parts'] },
    },
    subscriptions: { items: { ...subscriptions.items, schema_sync: 'auto' } },
  });
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  return edge;
};

/** Applies, and there is nothing left: no difference, no lost value, no danger. */
const expectCarried = async ({ project, publisher, subscriber }: Edge): Promise<string> => {
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).not.toMatch(/DANGER|DROP COLUMN/);
  await waitForSameRows(publisher, subscriber, rows);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  return stdout;
};

test('columns, of a key, of a generated column and of partitions, while rows with the new names wait', async () => {
  const edge = await begin();
  await edge.publisher.query(`
    INSERT INTO items (id, "Old") VALUES (1001, 1001);
    ALTER TABLE items RENAME "Old" TO "New name";
    ALTER TABLE items RENAME note TO remark;
    ALTER TABLE items ADD later int UNIQUE;
    ALTER TABLE items ADD UNIQUE ("New name", later);
    ALTER TABLE parts RENAME note TO remark`);
  await edge.publisher.query(`
    INSERT INTO items (id, "New name", remark, later) VALUES (1002, 1002, 'x', 1);
    UPDATE parts SET remark = 'y' WHERE id = 1`);
  const said = await expectCarried(edge);
  expect(said).toContain('renames: column Old to New name');
  expect(said).toContain('RENAME COLUMN note TO remark');
});

test('a label and a column with nothing written since', async () => {
  const edge = await begin();
  await edge.publisher.query(`
    ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'; ALTER TYPE mood ADD VALUE 'fair' BEFORE 'poor';
    ALTER TABLE items RENAME mood TO temper`);
  await expectCarried(edge);
  await edge.publisher.query(
    `INSERT INTO items (id, "Old", temper) VALUES (1001, 1001, 'fair'), (1002, 1002, DEFAULT)`,
  );
  await waitForSameRows(edge.publisher, edge.subscriber, rows);
});

test('a label, while rows with the new one wait', async () => {
  const edge = await begin();
  await edge.publisher.query(`INSERT INTO items (id, "Old") VALUES (1001, 1001)`);
  await edge.publisher.query(`ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'`);
  await edge.publisher.query(`INSERT INTO items (id, "Old") VALUES (1002, 1002)`);
  await expectCarried(edge);
});

test('a name that another column has now is a block, and nothing is changed', async () => {
  const edge = await begin();
  await edge.publisher.query(
    `ALTER TABLE items RENAME note TO remark; ALTER TABLE items ADD note text`,
  );
  const { code, stdout } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stdout).toBe(3);
  expect(stdout).toContain('changes from before and after could be taken for each other');
});

test('where the record does not know the columns, both readings are said', async () => {
  const edge = await begin();
  await edge.publisher.query(`SELECT steep_repl.capture_all_fingerprints('publisher')`);
  await edge.publisher.query('ALTER TABLE items RENAME note TO remark');
  const { code, stdout } = await edge.project.steep('plan');
  expect(code, stdout).toBe(0);
  expect(stdout).toContain('If the publisher renamed note to remark');
});
