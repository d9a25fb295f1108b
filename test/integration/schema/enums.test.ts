// Enums under schema_sync: auto: what the publisher has is added, and what cannot be told from
// the labels alone is a block with its cures.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';

const begin = async (): Promise<Edge> => {
  const edge = await createEdge();
  for (const database of [edge.publisher, edge.subscriber]) {
    await database.query(
      `CREATE TYPE mood AS ENUM ('good', 'bad'); ALTER TABLE items ADD mood mood`,
    );
  }
  await edge.publisher.query(`UPDATE items SET mood = (ARRAY['good', 'bad'])[1 + id % 2]::mood`);
  const subscriptions = edge.topology.subscriptions as Record<string, object>;
  await edge.project.describe({
    ...edge.topology,
    subscriptions: { items: { ...subscriptions.items, schema_sync: 'auto' } },
  });
  const { code, stdout, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  return edge;
};

const rowsOf = [{ schema: 'public', name: 'items' }];

test.each([
  ['added', `ALTER TYPE mood ADD VALUE 'fair' BEFORE 'bad'`, '', 'fair'],
  ['the subscriber’s own', 'SELECT', `ALTER TYPE mood ADD VALUE 'own'`, 'bad'],
  [
    'both, in different places',
    `ALTER TYPE mood ADD VALUE 'fair' BEFORE 'bad'`,
    `ALTER TYPE mood ADD VALUE 'own'`,
    'fair',
  ],
])('a label: %s', async (_what, there, here, label) => {
  const { project, publisher, subscriber } = await begin();
  await publisher.query(there);
  if (here !== '') await subscriber.query(here);
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  await publisher.query(`INSERT INTO items VALUES (1001, 'later', '${label}')`);
  await waitForSameRows(publisher, subscriber, rowsOf);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

const statement = /ALTER TYPE public\.mood RENAME VALUE 'bad' TO 'poor';/;

test('a label renamed unseen: the statement is named, for each of what it may mean', async () => {
  const { project, publisher, subscriber } = await begin();
  await publisher.query(`SELECT steep_repl.capture_all_fingerprints('publisher')`);
  await publisher.query(`ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'`);
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout).toBe(3);
  expect(refused.stdout).toMatch(/BLOCK +SCHEMA_DDL_REFUSED /);
  const [renaming = ''] = statement.exec(refused.stdout) ?? [];
  expect(refused.stdout).toContain(`ALTER TYPE public.mood ADD VALUE 'poor' AFTER 'bad';`);
  await subscriber.query(renaming);
  await publisher.query(`INSERT INTO items VALUES (1001, 'later', 'poor')`);
  await waitForSameRows(publisher, subscriber, rowsOf);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test('two labels of different nodes in one place: the other cure', async () => {
  const { project, publisher, subscriber } = await begin();
  await publisher.query(`ALTER TYPE mood ADD VALUE 'fair'`);
  await subscriber.query(`ALTER TYPE mood ADD VALUE 'own'`);
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout).toBe(3);
  const [adding = ''] = /ALTER TYPE public\.mood ADD VALUE [^;]+;/.exec(refused.stdout) ?? [];
  await subscriber.query(adding);
  await publisher.query(`INSERT INTO items VALUES (1001, 'later', 'fair')`);
  await waitForSameRows(publisher, subscriber, rowsOf);
  expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
});

test('labels in another order are a block', async () => {
  const { project, publisher, subscriber } = await begin();
  for (const [database, place] of [
    [publisher, 'AFTER'],
    [subscriber, 'BEFORE'],
  ] as const) {
    await database.query(`ALTER TYPE mood ADD VALUE 'fair' ${place} 'bad'`);
  }
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout).toBe(3);
  expect(refused.stdout).toContain('PostgreSQL cannot move a label');
});
