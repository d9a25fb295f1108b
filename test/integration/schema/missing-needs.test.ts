// Tables that need what steep does not create are a block before anything is written, and made once it is there.

import { expect, test } from 'vitest';
import { createEdge } from '../../support/worlds/edge.ts';

const needs = `
  CREATE VIEW brief AS SELECT id, note FROM items;
  CREATE MATERIALIZED VIEW kept AS SELECT id FROM items;
  CREATE FUNCTION added(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
  CREATE OPERATOR <+> (LEFTARG = int, RIGHTARG = int, FUNCTION = added);
  CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
  CREATE TYPE boxed AS (n int);
  CREATE FUNCTION boxed(int) RETURNS boxed LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1)::public.boxed';
  CREATE CAST (int AS boxed) WITH FUNCTION boxed(int)`;

const tables = `
  CREATE TABLE plain (id int PRIMARY KEY);
  CREATE TABLE of_views (id int PRIMARY KEY, one brief, many brief[], other kept);
  CREATE TABLE summed (id int PRIMARY KEY CHECK (id <+> 1 > 0));
  CREATE TABLE words (id text PRIMARY KEY, found tsvector GENERATED ALWAYS AS (to_tsvector('public.plain'::regconfig, id)) STORED);
  CREATE TABLE converted (id int PRIMARY KEY, n boxed DEFAULT 5::boxed);
  CREATE TABLE divided (id int PRIMARY KEY) PARTITION BY LIST (id);
  CREATE TABLE divided_1 PARTITION OF divided FOR VALUES IN (1);
  CREATE TABLE of_rows (id int PRIMARY KEY, whole divided, part divided_1);
  INSERT INTO of_views SELECT id, b, ARRAY[b] FROM brief AS b`;

const missing = [
  'materialized view public.kept, view public.brief, which steep does not create',
  'operator public.<+>(integer,integer), which steep does not create',
  'text search configuration public.plain, which steep does not create',
  'cast from integer to public.boxed, which steep does not create',
];

const names = ['items', 'plain', 'of_views', 'summed', 'words', 'converted', 'divided', 'of_rows'];

test('views, operators, casts and text search', async () => {
  const { project, publisher, subscriber, topology } = await createEdge();
  await publisher.query(`${needs};${tables}`);
  const subscriptions = topology.subscriptions as Record<string, object>;
  await project.describe({
    publications: {
      items: { node: 'publisher', tables: [...names] },
    },
    subscriptions: { items: { ...subscriptions.items, schema_sync: 'auto' } },
  });
  const refused = await project.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout + refused.stderr).toBe(3);
  const said = refused.stdout.replaceAll(/\s+/g, ' ');
  for (const it of missing) expect(said).toContain(it);
  // The table whose rows it holds comes with it.
  expect(said).not.toContain('CREATE TABLE public.of_rows');
  const made = await subscriber.query(`SELECT relname FROM pg_class WHERE relname = 'plain'`);
  expect(made).toEqual([]);
  await subscriber.query(needs);
  const planned = await project.steep('plan');
  expect(planned.stdout).toContain('table.public.of_views');
  expect(planned.stdout).not.toContain('BLOCK');
});
