// A row filter that lets in more: the rows from before come with the command that the plan prints.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { rowsWorld } from './rows-world.ts';

const tables = (where: string) => ({ tables: [{ name: 'items', where }] });

test('a widened filter: the printed command copies the rows from before', async () => {
  const { project, publisher, subscriber, slot, steep } = await rowsWorld({
    pair: [newestMajor, newestMajor],
    tables: 'CREATE TABLE items (id int PRIMARY KEY)',
    rows: 'INSERT INTO items SELECT n FROM generate_series(1, 10) n',
    publication: tables('id > 5'),
  });
  await steep(0, 'apply', '--auto-approve');
  await project.describe({
    publications: { items: { node: 'publisher', ...tables('id > 0') } },
    subscriptions: {
      items: { node: 'subscriber', source: 'publisher', publications: ['items'], slot },
    },
  });
  const plan = await steep(0, 'plan');
  const [, command = ''] =
    /FILTER_NO_BACKFILL.*?steep (init reset \S+ --tables \S+)/s.exec(plan) ?? [];
  expect(command, plan).not.toBe('');
  const consent = ['--allow-hazard', 'FILTER_NO_BACKFILL=publisher/publication.items'];
  await steep(0, 'apply', '--auto-approve', ...consent);
  const empties = ['--allow-hazard', 'TARGET_TRUNCATE=subscriber/subscription.items'];
  await steep(0, ...command.split(' '), '--auto-approve', ...empties);
  await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 'items' }]);
});

test.each([
  ['id >> > 5', 'syntax error at or near ">"'],
  ['total > 5', 'column "total" does not exist'],
  [`id > 'five'`, 'invalid input syntax for type integer: "five"'],
  ['id', 'argument of WHERE must be type boolean'],
  [`state = 'good'`, 'column state has type public.mood, and a row filter may use built-in types'],
  [
    'public.is_even(id)',
    'built-in types, functions and operators only, and public.is_even is none of them',
  ],
  [
    `to_char(at, 'YYYY') = '2026'`,
    'may use immutable built-in functions only, and to_char is none',
  ],
  ['id IN (SELECT 1)', 'a row filter has no subqueries'],
  ['tableoid = 1', 'a row filter may not use system column tableoid'],
])('a row filter that the publisher refuses: %s', async (where, why) => {
  const { publisher, steep } = await rowsWorld({
    pair: [newestMajor, newestMajor],
    tables: `
      CREATE TYPE mood AS ENUM ('good');
      CREATE FUNCTION is_even(int) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 % 2 = 0';
      CREATE TABLE items (id int PRIMARY KEY, state mood, at timestamptz)`,
    publication: tables(where),
  });
  const plan = await steep(0, 'plan');
  expect(plan).toMatch(
    /BLOCK +FILTER_INVALID +Correct the filter in the publication at steep.yaml:\d/,
  );
  expect(plan).toContain(why);
  await steep(3, 'apply', '--auto-approve');
  expect(await publisher.query('SELECT FROM pg_publication')).toEqual([]);
});
