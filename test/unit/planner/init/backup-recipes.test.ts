// The commands that init prepare prints: for this source, and never with a password.

import { expect, test } from 'vitest';
import type { DesiredSubscription } from '../../../../src/model/state/state.ts';
import { backupRecipes, type RecipeInput } from '../../../../src/planner/init/backup-recipes.ts';

const edge = {
  node: 'reporting',
  source: 'primary',
  name: 'sales',
  slot: 's',
  publications: ['p'],
};

const input: RecipeInput = {
  edge: edge as unknown as DesiredSubscription,
  from: '"$PRIMARY_URL"',
  to: '"$REPORTING_URL"',
  snapshot: '00000003-1',
  tables: [
    { table: { schema: 'public', name: "Odd 'name" }, columns: null, where: null },
    { table: { schema: 'public', name: 'part' }, columns: ['id', 'b'], where: "b = 'x'" },
  ],
  index: new Map(),
  database: 'app',
  subscriptions: 0,
  createSubscriber: false,
};

const commandsOf = (given: RecipeInput, tool: string): readonly string[] =>
  backupRecipes(given).find((recipe) => recipe.tool === tool)?.commands ?? [];

test('pg_dump takes whole tables, psql the rows that are sent of the others', () => {
  expect(commandsOf(input, 'pg_dump')).toEqual([
    `pg_dump --dbname="$PRIMARY_URL" --snapshot=00000003-1 --format=directory --jobs=4 --no-publications --no-subscriptions --table='"public"."Odd '\\''name"' --file=sales.dump`,
    'pg_restore --dbname="$REPORTING_URL" --jobs=4 sales.dump',
    `psql -qX "$PRIMARY_URL" -c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c 'SET TRANSACTION SNAPSHOT '\\''00000003-1'\\''' -c '\\copy (SELECT id, b FROM public.part WHERE b = '\\''x'\\'') TO STDOUT' | psql -qX "$REPORTING_URL" -c '\\copy public.part (id, b) FROM STDIN'`,
  ]);
});

test('a shell runs nothing of the name that a server gives a snapshot', () => {
  const [dump, , copy] = commandsOf({ ...input, snapshot: `'$(touch ran)` }, 'pg_dump');
  expect(dump).toContain(`--snapshot=''\\''$(touch ran)' `);
  expect(copy).toContain(`'SET TRANSACTION SNAPSHOT '\\'''\\'''\\''$(touch ran)'\\'''`);
});

test('many tables are dumped by their schemas', () => {
  const tables = Array.from({ length: 21 }, (_, n) => ({
    table: { schema: 'shop', name: `t${n}` },
    columns: null,
    where: null,
  }));
  const [dump] = commandsOf({ ...input, tables }, 'pg_dump');
  expect(dump).toContain(`--schema='"shop"' --file`);
});

test('without a snapshot there is no dump', () => {
  expect(commandsOf({ ...input, snapshot: null }, 'pg_dump')).toEqual([]);
});

test('a copy of a source with subscriptions must not run them', () => {
  const without = commandsOf(input, 'pg_basebackup').join('\n');
  expect(without).toContain('touch DIRECTORY/recovery.signal');
  expect(without).not.toContain('max_logical_replication_workers');
  const having = commandsOf({ ...input, subscriptions: 2 }, 'pg_basebackup').join('\n');
  expect(having).toContain('max_logical_replication_workers = 0');
  expect(having).toContain('2 subscriptions of the source');
});

test('pg_createsubscriber comes with 17, and ends without a publication of all tables', () => {
  expect(commandsOf(input, 'pg_createsubscriber')).toEqual([]);
  const commands = commandsOf({ ...input, createSubscriber: true }, 'pg_createsubscriber');
  expect(commands.at(-2)).toContain('DROP PUBLICATION sales_all');
  expect(commands.at(-1)).toBe('steep apply');
});
