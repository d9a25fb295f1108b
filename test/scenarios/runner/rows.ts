// The rows of the databases: what must survive, and what must be the same on all sides.

import { expect } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { waitFor } from '../../support/wait.ts';
import type { Stage } from './stage.ts';

const userTables = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|^information_schema$|^steep_repl$' ORDER BY 1`;

/** Every row of every table of a node, as `table row`. */
const rowsOf = async (database: TestDatabase): Promise<readonly string[]> => {
  const rows: string[] = [];
  for (const { name } of await database.query<{ readonly name: string }>(userTables)) {
    const found = await database.query<{ readonly row: string }>(
      `SELECT t::text AS row FROM ONLY ${name} AS t ORDER BY 1`,
    );
    rows.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return rows;
};

export type Rows = ReadonlyMap<string, readonly string[]>;

export const rowsOfAll = async ({ databases }: Stage): Promise<Rows> => {
  const rows = new Map<string, readonly string[]>();
  for (const [node, database] of databases) rows.set(node, await rowsOf(database));
  return rows;
};

/** Rows that were there and are not any more. */
export const lostRows = (before: Rows, after: Rows): readonly string[] =>
  [...before].flatMap(([node, rows]) => {
    const left = new Set(after.get(node));
    return rows.filter((row) => !left.has(row)).map((row) => `${node}: ${row}`);
  });

/** A plain table name; anything else is a query. */
const tableName = /^(\w+)\.(\w+)$/;

/** Waits until what the scenario calls equal is, on every node that it names. */
export const waitForEquality = async ({ scenario, databases }: Stage): Promise<void> => {
  const { equal, between } = scenario.settings;
  const chosen = [...databases].filter(([node]) => between?.includes(node) ?? true);
  const [first, ...others] = chosen.map(([, database]) => database);
  if (first === undefined) return;
  const tables = equal.flatMap((what) => {
    const [, schema, name] = tableName.exec(what) ?? [];
    return schema === undefined || name === undefined ? [] : [{ schema, name }];
  });
  for (const other of others) {
    for (const what of equal) await waitForSameAnswer(first, other, queryOf(what));
    expect(await hashesOf(other, tables), 'hashes').toEqual(await hashesOf(first, tables));
  }
};

const queryOf = (what: string): string =>
  tableName.test(what) ? `SELECT t::text AS row FROM ${what} AS t ORDER BY 1` : what;

/** On the connections that are open: waiting should cost the servers little. */
const waitForSameAnswer = (a: TestDatabase, b: TestDatabase, query: string): Promise<unknown> =>
  waitFor(`the same rows on both sides: ${query}`, async () => {
    const [first, second] = await Promise.all([a.query(query), b.query(query)]);
    return JSON.stringify(first) === JSON.stringify(second);
  });
