// Every way in which a publisher's tables are altered, and what schema_sync: auto makes of it: statements that run in their
// order, after which nothing is left to do and every row is there; or a refusal, which changes nothing.

import { expect, test } from 'vitest';
import type { SchemaAlignment } from '../../../src/model/schema/schema-change.ts';
import { isInLine } from '../../../src/planner/schema/in-line.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { alignTables } from '../../../src/schema/engine/align-tables.ts';
import { type EngineFacts, readFacts } from '../../../src/schema/engine/facts.ts';
import { admit } from '../../../src/schema/gate/admit.ts';
import { readDefinitions } from '../../../src/schema/read-definitions.ts';
import { type Mutation, mutationsFor, schemaBefore } from '../../support/plans/schema-mutations.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';

const opened = async ({ conninfo }: TestDatabase): Promise<Session> =>
  openSession(conninfo, { node: 'n', applicationName: 'steep', readOnly: true });

const tablesOf = (schema: string) =>
  ['parent', 't', 'parts'].map((name) => ({ table: { schema, name }, columns: null }));

interface Ends {
  readonly source: Session;
  readonly target: Session;
}

/** What each mutation needs, of one reading of both ends. */
const alignments = async ({ source, target }: Ends, schemas: readonly string[]) => {
  const [facts, own] = [await readFacts(source), await readFacts(target)];
  return Promise.all(schemas.map((schema) => alignment(target, facts, own, schema)));
};

const alignment = (target: Session, facts: EngineFacts, own: EngineFacts, schema: string) =>
  admit(target, alignTables(own, [{ facts, tables: tablesOf(schema) }]));

const rowsOf = async (database: TestDatabase, schema: string) =>
  database.query(`
    SELECT (SELECT count(*)::int FROM ${schema}.t) AS t, (SELECT count(*)::int FROM ${schema}.parts) AS parts,
           (SELECT count(*)::int FROM ${schema}.parent) AS parent`);

type Case = Mutation & { readonly schema: string };

const casesOf = (major: number): readonly Case[] =>
  mutationsFor(major).map((mutation, index) => ({ ...mutation, schema: `m${index}` }));

/** Runs what is proposed, as a plan orders it; returns what went wrong. */
const execute = async (
  target: TestDatabase,
  { ddl, refused }: Case,
  { statements, refused: found }: SchemaAlignment,
): Promise<readonly unknown[]> => {
  const why = found.map((it) => it.why).join(' ');
  if (refused !== undefined) return why.includes(refused) ? [] : [[ddl, 'not refused', why]];
  if (why !== '') return [[ddl, why]];
  const problems: unknown[] = [];
  const inOrder = (['before', 'after'] as const).flatMap((phase) =>
    statements.filter((statement) => statement.phase === phase),
  );
  for (const { sql } of inOrder) {
    await target
      .query(`SET search_path = ''; ${sql}`)
      .catch((error: unknown) => problems.push([ddl, sql, String(error)]));
  }
  return problems;
};

const differingTables = async (
  { source, target }: Ends,
  { schema }: Case,
): Promise<readonly string[]> => {
  const scope = sql`n.nspname = ${schema}`;
  const [published, own] = [
    await readDefinitions(source, scope),
    await readDefinitions(target, scope),
  ];
  const named = (all: typeof own, name: string) => all.find((it) => it.name.name === name);
  return tablesOf(schema)
    .map(({ table }) => table.name)
    .filter((name) => {
      const one = named(published, name);
      return one === undefined || !isInLine({ columns: null }, one, named(own, name));
    });
};

const newest = Math.max(...majors);

test.each([...new Set([Math.min(...majors), newest])])(
  'to PostgreSQL %i: each is brought in line by statements that run, or refused',
  async (major) => {
    const [source, target] = [await cluster.database(newest), await cluster.database(major)];
    const cases = casesOf(major);
    const schemas = cases.map(({ schema }) => schema);
    const make = schemas.map(
      (schema) => `CREATE SCHEMA ${schema}; SET search_path = ${schema}; ${schemaBefore}`,
    );
    for (const database of [source, target]) await database.query(make.join(';'));
    for (const { schema, ddl } of cases) await source.query(`SET search_path = ${schema}; ${ddl}`);
    const ends = { source: await opened(source), target: await opened(target) };
    const before = await Promise.all(schemas.map((schema) => rowsOf(target, schema)));
    const proposed = await alignments(ends, schemas);
    const problems: unknown[] = [];
    for (const [index, it] of cases.entries())
      problems.push(...(await execute(target, it, proposed[index] ?? nothing)));
    const left = await alignments(ends, schemas);
    for (const [index, it] of cases.entries()) {
      if (it.refused !== undefined) continue;
      const again = left[index]?.statements.map((statement) => statement.sql);
      expect([it.ddl, again]).toEqual([it.ddl, []]);
      expect([it.ddl, await differingTables(ends, it)]).toEqual([it.ddl, []]);
      expect([it.ddl, await rowsOf(target, it.schema)]).toEqual([it.ddl, before[index]]);
    }
    expect(problems).toEqual([]);
    await Promise.all([ends.source.close(), ends.target.close()]);
  },
);

const nothing: SchemaAlignment = { statements: [], unsupported: [], refused: [] };
