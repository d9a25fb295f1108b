// The rows of the databases: what must survive, and what must be the same on all sides.

import { expect } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import type { TestDatabase } from '../../support/servers/test-database.ts';
import { waitFor } from '../../support/servers/wait.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';

const userTables = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|^information_schema$|^steep_repl$' ORDER BY 1`;

type Row = Readonly<Record<string, unknown>>;
type Tables = ReadonlyMap<string, readonly Row[]>;

/** Every row of every table of a node. */
const rowsOf = async (database: TestDatabase): Promise<Tables> => {
  const tables = new Map<string, readonly Row[]>();
  for (const { name } of await database.query<{ readonly name: string }>(userTables)) {
    const found = await database.query<{ readonly row: Row }>(
      `SELECT to_jsonb(t) AS row FROM ONLY ${name} AS t ORDER BY t::text`,
    );
    tables.set(
      name,
      found.map(({ row }) => row),
    );
  }
  return tables;
};

export type Rows = ReadonlyMap<string, Tables>;

export const rowsOfAll = async ({ databases }: Stage): Promise<Rows> => {
  const rows = new Map<string, Tables>();
  for (const [node, database] of databases) rows.set(node, await rowsOf(database));
  return rows;
};

/** With those that a merge has overwritten: the audit log has them whole. */
export const rowsOnRecord = async ({ databases }: Stage): Promise<Rows> => {
  const rows = new Map<string, Tables>();
  for (const [node, database] of databases) {
    const tables = new Map(await rowsOf(database));
    for (const [table, own] of tables) {
      const kept = await database.query<{ readonly row: Row }>(
        `SELECT to_jsonb(jsonb_populate_record(NULL::${table}, losing)) AS row
           FROM steep_repl.merge_audit_log WHERE table_name = '${table}'`,
      );
      tables.set(table, [...own, ...kept.map(({ row }) => row)]);
    }
    rows.set(node, tables);
  }
  return rows;
};

/** A column that the plan dropped, having said so, is no part of the row any more. */
const columnsLeft = (rows: readonly Row[], scenario: Scenario): ReadonlySet<string> | null => {
  const [first] = rows;
  return first !== undefined && scenario.settings.allow.includes('SCHEMA_DATA_LOSS')
    ? new Set(Object.keys(first))
    : null;
};

const textOf = (row: Row, columns: Iterable<string>): string =>
  JSON.stringify([...columns].sort().map((column) => [column, row[column]]));

/** Rows that were there and are not any more. A column that was added since is not looked at. */
export const lostRows = (before: Rows, after: Rows, { scenario }: Stage): readonly string[] =>
  [...before].flatMap(([node, tables]) =>
    [...tables].flatMap(([table, rows]) => {
      const now = after.get(node)?.get(table) ?? [];
      const left = columnsLeft(now, scenario);
      return rows.flatMap((row) => {
        const columns = Object.keys(row).filter((column) => left?.has(column) ?? true);
        const wanted = textOf(row, columns);
        const found = now.some((candidate) => textOf(candidate, columns) === wanted);
        return found ? [] : [`${node}: ${table} ${JSON.stringify(row)}`];
      });
    }),
  );

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
